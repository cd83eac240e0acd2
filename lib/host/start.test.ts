import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { startBuild } from '@/lib/builds/commands/start-build'
import { createCollection } from '@/lib/data/commands/create-collection'
import { previewFile } from '@/lib/data/preview'
import { peekDeadLetters } from '@/lib/engine/broker/dead-letter'
import { currentEngine } from '@/lib/engine/current'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { connectBroker } from '@/lib/event-flows/commands/connect-broker'
import { sendTestMessage } from '@/lib/event-flows/commands/send-test-message'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { startHost } from './start'

const SUBSCRIBER = `import Algorithmia
from Algorithmia import ADK

def apply(input):
    Algorithmia.client().file("data://ezra/TestingSBEventFlow/" + input.get("filename")).put(input.get("data"))
    return {"stored": input.get("filename")}

algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

let database: TestDatabase
let broker: TestBroker
let host: ReturnType<typeof startHost>

beforeAll(async () => {
  database = await testDatabase()
  broker = await testBroker({ queues: { records: { maxDeliveryCount: 2 } } })
  host = startHost()
  await host.started
}, 120_000)
afterAll(async () => {
  await host?.stop('the test is over')
  await broker?.close()
  await database.close()
})

it('takes a message from the queue through a real worker into a collection', async () => {
  const { ctx } = await makeUserContext(database.db, { name: 'ezra' })
  const { owner, name, commitSha } = await createAlgorithm(ctx, { name: 'testAzureSB' })
  const path = { owner, name }
  await saveSource(ctx, { ...path, parentSha: commitSha, changes: [{ path: `src/${name}.py`, text: SUBSCRIBER }] })
  const { buildId } = await startBuild(ctx, path)
  const build = await waitUntil(
    'the build is done',
    async () => {
      const found = await database.db.build.findUniqueOrThrow({ where: { id: buildId } })
      return found.finishedAt && found
    },
    60_000,
  )
  expect(build).toMatchObject({ status: 'succeeded', error: null })
  await publishVersion(ctx, { ...path, buildId, bump: 'minor' })
  await createCollection(ctx, { owner, name: 'TestingSBEventFlow' })
  const { connectionString } = broker
  const { id } = await connectBroker(ctx, { queueName: 'records', connectionString, algorithm: `${owner}/${name}` })
  await waitUntil('it receives', () => currentEngine().status()[0]?.state === 'receiving')

  const body = '{"filename":"some-new-file.txt","data":"file contents to store"}'
  await sendTestMessage(ctx, { id, body })
  const execution = await waitUntil('it is settled', () =>
    database.db.execution.findFirst({ where: { flowId: id, settledAt: { not: null } } }),
  )
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
  const failures = await database.db.execution.findMany({ where: { flowId: id, status: 'failed' } })
  expect(failures).toHaveLength(2)
  expect(failures[0]?.errorStack).toContain('testAzureSB.py')
}, 120_000)
