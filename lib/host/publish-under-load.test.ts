import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { startBuild } from '@/lib/builds/commands/start-build'
import type { Context } from '@/lib/context'
import { peekQueue } from '@/lib/engine/broker/dead-letter'
import { currentEngine } from '@/lib/engine/current'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { connectBroker } from '@/lib/event-flows/commands/connect-broker'
import { sendTestMessage } from '@/lib/event-flows/commands/send-test-message'
import { currentRuntime } from '@/lib/runtime/current'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { startHost } from './start'

const MESSAGES = 60
const PUBLISH_AT = 20

let database: TestDatabase
let broker: TestBroker
let host: ReturnType<typeof startHost>

beforeAll(async () => {
  database = await testDatabase()
  broker = await testBroker({ queues: { numbers: {} } })
  host = startHost()
  await host.started
}, 120_000)
afterAll(async () => {
  await host?.stop('the test is over')
  await broker?.close()
  await database.close()
})

it('a publish under load switches a flow to the new version; no delivery is dropped, repeated or mixed up', async () => {
  const { ctx } = await makeUserContext(database.db, { name: 'ezra' })
  const algorithm = await createAlgorithm(ctx, { name: 'Numbers' })
  const path = { owner: algorithm.owner, name: algorithm.name }
  const first = await publish(ctx, path, algorithm.commitSha, 1)
  const { connectionString } = broker
  const { id } = await connectBroker(ctx, { queueName: 'numbers', connectionString, algorithm: 'ezra/Numbers' })
  await waitUntil('it receives', () => currentEngine().status()[0]?.state === 'receiving')
  // Nobody has sent anything: the worker is there because the flow will need it.
  await waitUntil('a worker is warm', () => currentRuntime().runtime.stats().workers === 1)

  const second = await prepare(ctx, path, first.commitSha, 2)
  let publishing: Promise<unknown> | undefined
  for (let number = 0; number < MESSAGES; number++) {
    if (number === PUBLISH_AT) publishing = publishVersion(ctx, { ...path, buildId: second.buildId, bump: 'minor' })
    await sendTestMessage(ctx, { id, body: String(number) })
  }
  await publishing
  await sendTestMessage(ctx, { id, body: String(MESSAGES) })

  const rows = await waitUntil(
    'all are settled',
    async () => {
      const found = await database.db.execution.findMany({ where: { flowId: id }, include: { version: true } })
      return found.filter(({ settledAt }) => settledAt).length > MESSAGES && found
    },
    60_000,
  )
  expect(rows).toHaveLength(MESSAGES + 1)
  for (const row of rows) {
    expect(row).toMatchObject({ status: 'succeeded', settlement: 'completed', deliveryCount: 1 })
    // What ran is what the row says ran, with this message's input.
    expect(JSON.parse(row.resultPreview)).toEqual([row.version?.minor, Number(row.inputPreview)])
  }
  expect(new Set(rows.map(({ inputPreview }) => inputPreview)).size).toBe(MESSAGES + 1)
  expect(new Set(rows.map(({ version }) => version?.minor))).toEqual(new Set([1, 2]))
  expect(rows.find(({ inputPreview }) => inputPreview === String(MESSAGES))?.version?.minor).toBe(2)
  expect(await peekQueue({ queueName: 'numbers', connectionString })).toEqual([])
}, 120_000)

type Path = { owner: string; name: string }

/** Builds a version whose results say which it is. */
async function prepare(ctx: Context, path: Path, parentSha: string, version: number) {
  const text = `import time\ndef apply(n):\n    time.sleep(0.02)\n    return [${version}, n]\n`
  const saved = await saveSource(ctx, { ...path, parentSha, changes: [{ path: `src/${path.name}.py`, text }] })
  const { buildId } = await startBuild(ctx, path)
  await waitUntil(
    'the build is done',
    async () => (await database.db.build.findUniqueOrThrow({ where: { id: buildId } })).finishedAt,
    60_000,
  )
  return { buildId, commitSha: saved.commitSha }
}

async function publish(ctx: Context, path: Path, parentSha: string, version: number) {
  const prepared = await prepare(ctx, path, parentSha, version)
  await publishVersion(ctx, { ...path, buildId: prepared.buildId, bump: 'minor' })
  return prepared
}
