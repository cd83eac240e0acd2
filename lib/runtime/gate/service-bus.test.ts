import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import type { BuildRequest } from '../port'
import { callJson, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** Packages are downloaded and compiled. */
const TIMEOUT_MS = 300_000
const QUEUE = 'guide'

/** The guide's publisher, with the connection string from its secret; without input it takes a message back. */
const PUBLISHER = `import os
import json
import Algorithmia
from Algorithmia import ADK
from azure.servicebus import ServiceBusClient, ServiceBusMessage
CONNECTION_STR = os.environ["CONNECTION_STR"]
QUEUE_NAME = "${QUEUE}"
def send_single_message(sender, message):
    sender.send_messages(message)
    print("Sent a single message.")
def receive():
    with ServiceBusClient.from_connection_string(conn_str=CONNECTION_STR) as client:
        with client.get_queue_receiver(queue_name=QUEUE_NAME) as receiver:
            [message] = receiver.receive_messages(max_message_count=1, max_wait_time=20)
            receiver.complete_message(message)
            return json.loads(str(message))
def apply(input):
    if input is None:
        return receive()
    message = ServiceBusMessage(json.dumps(input))
    servicebus_client = ServiceBusClient.from_connection_string(conn_str=CONNECTION_STR, logging_enable=True)
    with servicebus_client:
        sender = servicebus_client.get_queue_sender(queue_name=QUEUE_NAME)
        with sender:
            send_single_message(sender, message)
    return "Sent a message to the queue."
algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

let broker: TestBroker
let test: TestRuntime

beforeAll(async () => {
  broker = await testBroker({ queues: { [QUEUE]: {} } })
  const host = /sb:\/\/([^;/]+)/.exec(broker.connectionString)?.[1] as string
  test = await startTestRuntime({ allowedEgress: [host] })
})
afterAll(async () => {
  await test.close()
  await broker.close()
})

it('the guide’s publisher sends to the embedded broker from inside the sandbox', { timeout: TIMEOUT_MS }, async () => {
  const request: BuildRequest = {
    algorithmId: randomUUID(),
    algorithmName: 'ezra/Echo',
    commitSha: 'c'.repeat(40),
    language: 'python',
    interpreterPath: test.interpreterPath,
    files: new Map([
      ['src/Echo.py', Buffer.from(PUBLISHER)],
      ['requirements.txt', Buffer.from('azure-servicebus>=7.12,<8\n')],
    ]),
  }
  const log: string[] = []
  const result = await test.builder.build(request, (line) => log.push(line))
  expect(result, log.join('\n')).toMatchObject({ ok: true })
  const version = await test.addVersion(
    {},
    {
      ...request,
      environmentKey: result.ok ? result.environmentKey : null,
      readSecrets: async () => ({ CONNECTION_STR: broker.connectionString }),
    },
  )
  const input = { filename: 'some-new-file.txt', data: 'file contents to store' }
  expect((await callJson(test, version, input, 60_000)).text).toBe('Sent a message to the queue.')
  expect(JSON.parse((await callJson(test, version, null, 60_000)).text)).toEqual(input)
})
