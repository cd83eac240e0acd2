import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { startBuild } from '@/lib/builds/commands/start-build'
import { getBuild } from '@/lib/builds/queries'
import { whenBuildsAreDone } from '@/lib/builds/queue'
import { systemContext } from '@/lib/context'
import { decrypt } from '@/lib/crypto'
import { createCollection } from '@/lib/data/commands/create-collection'
import { namespaceHostOf, parseConnectionString } from '@/lib/engine/broker/connection-string'
import { connectServiceBus } from '@/lib/engine/broker/service-bus'
import { setCurrentEngine } from '@/lib/engine/current'
import { Engine } from '@/lib/engine/engine'
import { syncEnvironments } from '@/lib/environments/commands/sync-environments'
import { connectBroker } from '@/lib/event-flows/commands/connect-broker'
import { withSettlements } from '@/lib/executions/settlements'
import { answerWorker } from '@/lib/host/worker-api'
import { logger } from '@/lib/logger'
import { setCurrentRuntime } from '@/lib/runtime/current'
import { startTestRuntime, type TestRuntime } from '@/lib/runtime/testing/test-runtime'
import { createSecret } from '@/lib/secrets/commands'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { type ApiServer, makeApiKey, startApiServer } from '@/lib/v1/testing/api-server'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { resolveForFlow } from '@/lib/versions/resolve'
import { readGuideBlocks } from './read-guide-blocks'

/**
 * docs/guide.md from its first algorithm to the file in the collection, with everything real: database, Git, packages
 * from PyPI, sandbox, broker and engine. The code is taken out of the page itself.
 */
const PACKAGES_TIMEOUT_MS = 600_000
const FILE_TIMEOUT_MS = 60_000
const QUEUE = 'guide-queue'
const INPUT = { filename: 'some-new-file.txt', data: 'file contents to store' }

let database: TestDatabase
let broker: TestBroker
let runtime: TestRuntime
let engine: Engine
let api: ApiServer
let owner: TestUser
let key: string

beforeAll(async () => {
  database = await testDatabase()
  broker = await testBroker({ queues: { [QUEUE]: {} } })
  const allowedEgress = [namespaceHostOf(parseConnectionString(broker.connectionString))]
  runtime = await startTestRuntime({ dataDir: database.dataDirectory, api: answerWorker, allowedEgress })
  setCurrentRuntime(runtime)
  await syncEnvironments(systemContext('test'))
  engine = new Engine({
    runtime: runtime.runtime,
    connectBroker: connectServiceBus,
    resolve: resolveForFlow,
    unseal: (sealed) => decrypt(sealed),
    logger: logger.child({}, { level: 'silent' }),
    drainMs: 10_000,
  })
  setCurrentEngine(engine)
  await engine.start()
  api = await startApiServer()
  owner = await makeUserContext(database.db, { name: 'Ezra' })
  key = await makeApiKey(owner)
})
afterAll(async () => {
  await whenBuildsAreDone()
  await api.close()
  await engine.stop()
  setCurrentEngine(undefined)
  setCurrentRuntime(undefined)
  await runtime.close()
  await broker.close()
  await database.close()
})

it('the guide works as it is written: a message of the publisher becomes a file of the collection', {
  timeout: PACKAGES_TIMEOUT_MS,
}, async () => {
  const guide = await readGuideBlocks(path.resolve('docs/guide.md'), {
    COLLECTION_OWNER: 'Ezra',
    COLLECTION_NAME: 'TestingSBEventFlow',
    QUEUE_NAME: QUEUE,
  })

  const subscriber = await publishAlgorithm('testAzureSB', { 'src/testAzureSB.py': guide.block('subscriber') })
  expect(subscriber).toBe('Ezra/testAzureSB/0.1.0')
  await createCollection(owner.ctx, { owner: 'Ezra', name: 'TestingSBEventFlow', readAccess: 'my_algorithms' })
  await connectBroker(owner.ctx, {
    queueName: QUEUE,
    connectionString: broker.connectionString,
    algorithm: 'Ezra/testAzureSB',
  })

  const publisher = await publishAlgorithm(
    'publishToSB',
    { 'src/publishToSB.py': guide.block('publisher'), 'requirements.txt': guide.block('requirements.txt') },
    { CONNECTION_STR: broker.connectionString },
  )
  const answer = await fetch(`${api.address}/v1/algo/${publisher}`, {
    method: 'POST',
    headers: { authorization: `Simple ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(INPUT),
  })
  expect(await answer.json()).toMatchObject({ result: 'Sent a message to the queue.' })
  expect(JSON.parse(guide.block('input'))).toEqual(INPUT)
  await expect.poll(readStoredFile, { timeout: FILE_TIMEOUT_MS }).toBe(INPUT.data)
  // Recorded first, settled then.
  await expect
    .poll(readFlowExecution, { timeout: FILE_TIMEOUT_MS })
    .toMatchObject({ status: 'succeeded', settlement: 'completed', deliveryCount: 1 })
})

async function readFlowExecution() {
  const executions = await database.db.execution.findMany({ where: { source: 'flow' } })
  return (await withSettlements(database.db, executions))[0]
}

/** Create, Save, Build, Publish; returns the endpoint with its version. */
async function publishAlgorithm(
  name: string,
  files: Record<string, string>,
  secrets: Record<string, string> = {},
): Promise<string> {
  const created = await createAlgorithm(owner.ctx, { name })
  const at = { owner: created.owner, name }
  for (const [environmentName, value] of Object.entries(secrets)) {
    await createSecret(owner.ctx, { ...at, environmentName, displayName: environmentName, value })
  }
  const changes = Object.entries(files).map(([file, text]) => ({ path: file, text }))
  await saveSource(owner.ctx, { ...at, parentSha: created.commitSha, changes })
  const { buildId } = await startBuild(owner.ctx, at)
  await whenBuildsAreDone()
  const build = await getBuild(owner.ctx, { ...at, buildId })
  expect(build.status, build.log).toBe('succeeded')
  if (files['requirements.txt']) expect(build.packageEnvironment?.packages).toMatch(/^azure-servicebus==7\./m)
  return (await publishVersion(owner.ctx, { ...at, buildId, bump: 'minor' })).endpoint
}

async function readStoredFile(): Promise<string | null> {
  const address = `${api.address}/v1/connector/data/Ezra/TestingSBEventFlow/${INPUT.filename}`
  const response = await fetch(address, { headers: { authorization: `Simple ${key}` } })
  return response.ok ? response.text() : null
}
