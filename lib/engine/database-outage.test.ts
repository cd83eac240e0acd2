import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect, type Db } from '@/lib/db'
import { deployMigrations } from '@/lib/launch/database/migrate'
import { type PostgresServer, startPostgres } from '@/lib/launch/postgres/server'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import type { Engine } from './engine'
import { accountFor, sendLoad } from './testing/account'
import { makeConnectedFlow, makeEngine } from './testing/engine-fixture'
import { killPostgres } from './testing/kill-postgres'
import { ScriptError } from './testing/scripted-runtime'
import { startRelay } from './testing/tcp-relay'
import { waitUntil } from './testing/wait-until'

/** Short, so that the test of a silent database is too. */
const SILENCE_LIMIT_MS = 4_000

const shared = globalThis as unknown as { headraceDb?: Db | undefined }

let environment: TestDatabase
let broker: TestBroker
let directory: string
let server: PostgresServer
let relay: Awaited<ReturnType<typeof startRelay>>
let db: Db
let engine: Engine | undefined

// A Postgres of its own, which can be killed without the other suites' noticing.
beforeAll(async () => {
  environment = await testDatabase()
  broker = await testBroker()
  directory = mkdtempSync(path.join(os.tmpdir(), 'headrace-outage-'))
  chmodSync(directory, 0o711)
  server = await startPostgres(directory)
  await deployMigrations(server.url)
  relay = await startRelay(Number(new URL(server.url).port))
  const url = new URL(server.url)
  url.port = String(relay.port)
  db = connect(url.href, { silenceLimitMs: SILENCE_LIMIT_MS })
  shared.headraceDb = db
})

afterAll(async () => {
  await engine?.stop(0)
  await db?.$disconnect()
  shared.headraceDb = environment.db
  await relay?.close()
  await server?.stop()
  rmSync(directory, { recursive: true, force: true })
  await broker?.close()
  await environment.close()
})

it('holds messages while Postgres is gone, burns no attempt, and goes on by itself', async () => {
  const flow = await makeConnectedFlow(db, broker, { queue: { maxDeliveryCount: 1, lockDurationMs: 5_000 } })
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const made = makeEngine(async (input) => {
    if (input === 'in work') await released
  })
  engine = made.engine
  const { inputs, untilState } = made
  const inFlight = () => made.statusOf(flow.flowId)?.inFlight ?? []
  await engine.start()
  await flow.send('in work')
  await waitUntil('it runs', () => inputs.length === 1)

  await killPostgres(server)
  release()
  const status = await untilState(flow.flowId, 'reconnecting')
  expect(status.reason).toContain('The database does not answer')
  await flow.send('during the outage')
  await waitUntil('both are in hand', () => inFlight().length === 2)
  const locks = inFlight().map(({ lockedUntil }) => lockedUntil.getTime())
  await waitUntil('the first locks would be over', () => Date.now() > Math.max(...locks) + 500)
  expect(inputs).toEqual(['in work'])

  server = await startPostgres(directory)
  relay.setTarget(Number(new URL(server.url).port))
  const executions = await waitUntil('both are settled', async () => {
    const found = await flow.executions().catch(() => [])
    return found.filter(({ settledAt }) => settledAt).length === 2 && found
  })
  expect(executions.map(({ status, deliveryCount, settlement }) => [status, deliveryCount, settlement])).toEqual([
    ['succeeded', 1, 'completed'],
    ['succeeded', 1, 'completed'],
  ])
  expect(inputs).toEqual(['in work', 'during the outage'])
  await untilState(flow.flowId, 'receiving')
}, 180_000)

it('accounts for every message when Postgres is killed under load', async () => {
  await engine?.stop(0)
  await db.eventFlow.deleteMany()
  const flow = await makeConnectedFlow(db, broker, { queue: { lockDurationMs: 5_000 } })
  const sent = await sendLoad(flow, 150)
  const made = makeEngine((input) => {
    if (input.endsWith('poison')) throw new ScriptError({})
    return input
  })
  engine = made.engine
  await engine.start()
  await waitUntil('a part has run', () => made.inputs.length > 40)
  await killPostgres(server)
  await made.untilState(flow.flowId, 'reconnecting')
  server = await startPostgres(directory)
  relay.setTarget(Number(new URL(server.url).port))
  const { won, dead, everywhere } = await accountFor(db, flow, sent)
  expect(everywhere).toEqual(sent.toSorted())
  expect(won.length + dead.length).toBe(sent.length)
  expect(dead.every((body) => body.endsWith('poison'))).toBe(true)
}, 180_000)

it('goes on when a failover leaves its connections open and silent, and no attempt is burnt', async () => {
  await engine?.stop(0)
  await db.eventFlow.deleteMany()
  const flow = await makeConnectedFlow(db, broker, { queue: { lockDurationMs: 5_000, maxDeliveryCount: 1 } })
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const made = makeEngine(() => released, { leaseMs: 30_000 })
  engine = made.engine
  await engine.start()
  await Promise.all(['one', 'two', 'three'].map((body) => flow.send(body)))
  await waitUntil('they run', () => made.inputs.length === 3)
  relay.forget()
  release()
  const executions = await waitUntil('all are settled', async () => {
    const found = await flow.executions().catch(() => [])
    return found.filter(({ settledAt }) => settledAt).length === 3 && found
  })
  expect(executions.map(({ status, deliveryCount }) => [status, deliveryCount])).toEqual(
    Array(3).fill(['succeeded', 1]),
  )
  expect(made.inputs).toHaveLength(3)
  await made.untilState(flow.flowId, 'receiving')
}, 180_000)
