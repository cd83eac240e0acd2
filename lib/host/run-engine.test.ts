import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createCollection } from '@/lib/data/commands/create-collection'
import { previewFile } from '@/lib/data/preview'
import { currentEngine } from '@/lib/engine/current'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { connectBroker } from '@/lib/event-flows/commands/connect-broker'
import { sendTestMessage } from '@/lib/event-flows/commands/send-test-message'
import { getFlow } from '@/lib/event-flows/queries'
import { withSettlements } from '@/lib/executions/settlements'
import { subscribeLive } from '@/lib/live/bus'
import { makeUserContext } from '@/lib/testing/contexts'
import { publishAlgorithm, testHost } from './testing/host-fixture'

const ENGINE = path.resolve('lib/launch/engine.mjs')
const TEST_TIMEOUT_MS = 180_000

const SUBSCRIBER = `import Algorithmia, time
from Algorithmia import ADK

def apply(input):
    print("at work on", input["name"], flush=True)
    time.sleep(input.get("seconds", 0))
    Algorithmia.client().file("data://" + input["owner"] + "/out/" + input["name"]).put("written")
    return input["name"]

algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

const web = testHost({ records: {} }, 'web')

/** What `npm run engine` runs, or npm itself, with what it would find set. */
function startEngine([command, ...args]: [string, ...string[]] = [process.execPath, ENGINE]) {
  const { DATABASE_URL, HEADRACE_DATA, HEADRACE_ENCRYPTION_KEY } = process.env
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: {
      ...withoutSignIn(process.env),
      DATABASE_URL,
      HEADRACE_DATA,
      HEADRACE_ENCRYPTION_KEY,
      HEADRACE_ENGINE_PORT: '0',
      HEADRACE_LOG_LEVEL: 'info',
      HEADRACE_ALLOW_UNSANDBOXED: '1',
    },
  })
  let log = ''
  child.stderr?.on('data', (chunk) => (log += chunk))
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const silence = new Promise<void>((resolve) => child.stderr?.once('close', resolve))
  return { child, exit, silence, log: () => log, port: () => Number(/"port":(\d+)/.exec(log)?.[1] ?? 0) }
}

/** An engine needs neither; a leftover of the test environment must not hide that. */
function withoutSignIn({ NEXTAUTH_SECRET: _, NEXTAUTH_URL: __, VITEST: ___, ...env }: NodeJS.ProcessEnv) {
  return env
}

function untilReady({ child, log }: { child: ChildProcess; log(): string }) {
  return waitUntil('the engine is ready', () => {
    if (child.exitCode !== null) throw new Error(`the engine ended:\n${log()}`)
    return log().includes('"part":"engine"')
  })
}

async function publishSubscriber() {
  const { ctx, account } = await makeUserContext(web.db)
  const { owner, name } = await publishAlgorithm(ctx, web.db, 'subscriber', SUBSCRIBER)
  await createCollection(ctx, { owner, name: 'out' })
  const { connectionString } = web
  const { id } = await connectBroker(ctx, { queueName: 'records', connectionString, algorithm: `${owner}/${name}` })
  const send = (message: object) => sendTestMessage(ctx, { id, body: JSON.stringify({ ...message, owner }) })
  return { ctx, owner, id, send, account }
}

describe('an engine in a process of its own', () => {
  it(
    'runs what the web process built, shows itself there while it does, and stops in order',
    async () => {
      const engine = startEngine()
      const { ctx, owner, id, send } = await publishSubscriber()
      await untilReady(engine)
      expect(currentEngine().isRunning).toBe(false)
      await waitUntil(
        'the console says that it receives',
        async () => (await getFlow(ctx, { id })).state === 'receiving',
      )

      const heard: string[] = []
      const unsubscribe = subscribeLive(new Set([`flow:${id}` as const]), (topic) => heard.push(topic))
      await send({ name: 'slow', seconds: 3 })
      const [delivery] = await waitUntil('the console shows it in flight', async () => {
        const { inFlight } = await getFlow(ctx, { id })
        return inFlight.length > 0 && inFlight
      })
      expect(delivery).toMatchObject({ attempt: 1, stage: 'running', lockedUntil: expect.any(Date) })
      expect(heard.length).toBeGreaterThan(0)
      unsubscribe()
      await send({ name: 'last', seconds: 2 })
      await waitUntil('both are in flight', async () => (await getFlow(ctx, { id })).inFlight.length === 2)

      const base = `http://127.0.0.1:${engine.port()}`
      const health = await fetch(`${base}/health`)
      expect([health.status, await health.json()]).toEqual([200, expect.objectContaining({ status: 'ok' })])
      const text = await (await fetch(`${base}/metrics`)).text()
      expect(text).toContain(`headrace_deliveries_total{flow="${id}",queue="records"} 2`)
      expect(text).toContain('headrace_consumers{state="receiving"} 1')
      const [, bytes] = /^process_resident_memory_bytes (\d+)/m.exec(text) ?? []
      // Node.js itself takes about 45 MB; there is neither a web framework nor a compiler in it.
      expect(Number(bytes) / 1e6).toBeLessThan(250)

      engine.child.kill('SIGTERM')
      await waitUntil('it is not ready any more', async () => (await fetch(`${base}/health`)).status === 503)
      expect((await fetch(`${base}/health?probe=live`)).status).toBe(200)
      expect(await engine.exit).toBe(0)
      const rows = await web.db.execution.findMany({ where: { flowId: id }, include: { log: true } })
      const executions = await withSettlements(web.db, rows)
      expect(executions.map(({ settlement }) => settlement)).toEqual(['completed', 'completed'])
      expect(executions.map(({ log }) => log?.stdout).sort()).toEqual(['at work on last\n', 'at work on slow\n'])
      // The algorithm wrote through the engine process's own gate.
      expect(JSON.stringify(await previewFile(ctx, { owner, collection: 'out', file: 'last' }))).toContain('written')
      expect((await getFlow(ctx, { id })).state).toBe('stopped')
      expect(await web.db.engine.count()).toBe(0)
    },
    TEST_TIMEOUT_MS,
  )

  it(
    'can be stopped in the middle of its start, and leaves nothing behind',
    async () => {
      const engine = startEngine()
      await waitUntil('it has begun', () => engine.log().includes('"part":"database"'))
      engine.child.kill('SIGTERM')
      expect(await engine.exit).toBe(0)
      expect(engine.log()).not.toContain('"part":"engine"')
      expect(engine.log()).toMatch(/"part":"database","msg":"stopped"/)
      expect(await web.db.engine.count()).toBe(0)
    },
    TEST_TIMEOUT_MS,
  )

  it(
    'stops in order when npm, which hands no signal on, is told to stop',
    async () => {
      const engine = startEngine(['npm', 'run', '-s', 'engine'])
      await untilReady(engine)
      engine.child.kill('SIGTERM')
      await engine.silence
      expect(engine.log()).toMatch(/"part":"engine","msg":"stopped"/)
      expect(await web.db.engine.count()).toBe(0)
    },
    TEST_TIMEOUT_MS,
  )

  it(
    'hurries at a second signal: what still runs is given back',
    async () => {
      const engine = startEngine()
      const { id, send } = await publishAgain()
      await untilReady(engine)
      await send({ name: 'endless', seconds: 3_600 })
      await waitUntil('a worker runs it', async () =>
        (await (await fetch(metricsOf(engine))).text()).includes('headrace_workers{state="busy"} 1'),
      )
      const signalledAt = Date.now()
      engine.child.kill('SIGTERM')
      await waitUntil('it drains', () => engine.log().includes('"state":"draining"'))
      engine.child.kill('SIGTERM')
      expect(await engine.exit).toBe(0)
      expect(Date.now() - signalledAt).toBeLessThan(20_000)
      const rows = await web.db.execution.findMany({ where: { flowId: id }, orderBy: { id: 'desc' } })
      const [execution] = await withSettlements(web.db, rows)
      expect(execution).toMatchObject({ status: 'abandoned', errorType: 'EngineStopped', settlement: 'abandoned' })
    },
    TEST_TIMEOUT_MS,
  )
})

const metricsOf = (engine: { port(): number }) => `http://127.0.0.1:${engine.port()}/metrics`

/** The queue of the first test is taken: a flow is unique by algorithm and queue, and each test has its own account. */
async function publishAgain() {
  await web.db.eventFlow.deleteMany()
  return publishSubscriber()
}
