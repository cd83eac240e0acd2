import { expect, it } from 'vitest'
import { createCollection } from '@/lib/data/commands/create-collection'
import { previewFile } from '@/lib/data/preview'
import { peekDeadLetters } from '@/lib/engine/broker/dead-letter'
import { currentEngine } from '@/lib/engine/current'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { connectBroker } from '@/lib/event-flows/commands/connect-broker'
import { sendTestMessage } from '@/lib/event-flows/commands/send-test-message'
import { withSettlements } from '@/lib/executions/settlements'
import { makeUserContext } from '@/lib/testing/contexts'
import { publishAlgorithm, testHost } from './testing/host-fixture'

const SUBSCRIBER = `import Algorithmia
from Algorithmia import ADK

def apply(input):
    Algorithmia.client().file("data://ezra/TestingSBEventFlow/" + input.get("filename")).put(input.get("data"))
    return {"stored": input.get("filename")}

algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

const host = testHost({ records: { maxDeliveryCount: 2 } })

it('takes a message from the queue through a real worker into a collection', async () => {
  const { ctx } = await makeUserContext(host.db, { name: 'ezra' })
  const { owner, name } = await publishAlgorithm(ctx, host.db, 'testAzureSB', SUBSCRIBER)
  await createCollection(ctx, { owner, name: 'TestingSBEventFlow' })
  const { connectionString } = host
  const { id } = await connectBroker(ctx, { queueName: 'records', connectionString, algorithm: `${owner}/${name}` })
  await waitUntil('it receives', () => currentEngine().status()[0]?.state === 'receiving')

  const body = '{"filename":"some-new-file.txt","data":"file contents to store"}'
  await sendTestMessage(ctx, { id, body })
  const execution = await waitUntil('it is settled', async () => {
    const [found] = await withSettlements(host.db, await host.db.execution.findMany({ where: { flowId: id } }))
    return found?.settledAt && found
  })
  expect(execution).toMatchObject({
    status: 'succeeded',
    settlement: 'completed',
    inputPreview: body,
    resultPreview: expect.stringMatching(/^\{"stored":\s?"some-new-file.txt"\}$/),
  })
  const file = await previewFile(ctx, { owner, collection: 'TestingSBEventFlow', file: 'some-new-file.txt' })
  expect(JSON.stringify(file)).toContain('file contents to store')

  await sendTestMessage(ctx, { id, body: '{"data":"no file name"}' })
  const [dead] = await waitUntil('it is dead-lettered', async () => {
    const messages = await peekDeadLetters({ queueName: 'records', connectionString })
    return messages.length > 0 && messages
  })
  expect(dead?.deadLetterReason).toBe('MaxDeliveryCountExceeded')
  const failures = await host.db.execution.findMany({ where: { flowId: id, status: 'failed' } })
  expect(failures).toHaveLength(2)
  expect(failures[0]?.errorStack).toContain('testAzureSB.py')
}, 120_000)
