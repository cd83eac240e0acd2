import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildConsole, placeConsole } from './build'
import type { Child } from './child-process'
import { choosePort } from './choose-port'
import { claim, type DataDirectory, openDataDirectory, record, release } from './data-directory'
import { deployMigrations } from './database/migrate'
import { ensureBubblewrap } from './ensure-bubblewrap'
import { ensureQueue } from './ensure-queue'
import { asLaunchError } from './entry/launch-error.mjs'
import type { UpOptions } from './entry/options.mjs'
import { ROOT } from './entry/root.mjs'
import { say, step } from './entry/steps.mjs'
import { stopSignal } from './entry/stopping.mjs'
import { ensureAdministrator, type SignIn } from './first-admin'
import { type PostgresServer, startPostgres } from './postgres/server'
import { type DemoReport, startApp, waitForDemo } from './start-app'
import { type Broker, startBroker } from './start-broker'

export const FIRST_QUEUE = 'my-queue'
const DEMO_TIMEOUT_MS = 180_000
/** A run may need its time to end; the console cuts what takes longer itself. */
const APP_GRACE_MS = Number(process.env.HEADRACE_DRAIN_SECONDS ?? 30) * 1_000 + 20_000
const BROKER_GRACE_MS = 15_000

/** What was started, in this order; it is stopped in the reverse one. */
type Running = { postgres?: PostgresServer; broker?: Child; app?: Child }
type Started = { url: string; broker: Broker; signIn: SignIn; demo: DemoReport | undefined; warning?: string }

/** Starts everything, says where it is, and stops it in order when asked to. Returns the exit code. */
export async function up(options: UpOptions & { startedAt: number }): Promise<number> {
  const data = openDataDirectory(options.data)
  await claim(data)
  const running: Running = {}
  try {
    const started = await start(data, options, running)
    announce(data, options.startedAt, started)
    const cause = await untilEnd(running)
    return cause ? fail(cause) : 0
  } finally {
    await stopAll(running)
    release(data)
  }
}

async function start(data: DataDirectory, options: UpOptions, running: Running): Promise<Started> {
  // Both ports are looked at before the minute that a build takes.
  const brokerPort = await choosePort(data.ports, 'broker', options.brokerPort)
  await choosePort(data.ports, 'web', options.port)
  const warning = await ensureBubblewrap()
  const build = await buildConsole(ROOT)
  const folder = placeConsole(ROOT, data.apps, build)

  const [databaseUrl, broker] = await allOrFirstFailure([
    step('Starting the database', () => startDatabase(data, running)),
    step('Starting the broker', () => startQueueBroker(data, brokerPort, running)),
  ])

  const port = await choosePort(data.ports, 'web', options.port)
  const url = `http://127.0.0.1:${port}`
  const env = environment(data, { url, port, databaseUrl, broker, isEmpty: options.isEmpty })
  Object.assign(process.env, env)
  const signIn = await ensureAdministrator(data, databaseUrl)
  const { app, demo } = await step('Starting the console', async () => {
    let demo: Promise<DemoReport | undefined> | undefined
    const onStarted = (child: Child) => {
      running.app = child
      demo = waitForDemo(child, DEMO_TIMEOUT_MS)
      remember(data, running, url)
    }
    const app = await startApp(ROOT, data, { folder, url, env, onStarted })
    return { app, demo }
  })
  running.app = app
  const report = env.HEADRACE_DEMO === '1' ? await step('Making demo data', async () => demo) : undefined
  stopSignal.throwIfAborted()
  return { url, broker, signIn, demo: report, ...(warning && { warning }) }
}

/** Both are let settle before a failure is told: what has started by then must be known, so that it is stopped. */
async function allOrFirstFailure<A, B>(works: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(works)
  return Promise.all(works)
}

async function startQueueBroker(data: DataDirectory, port: number, running: Running): Promise<Broker> {
  const broker = await startBroker(ROOT, data, port, (child) => {
    running.broker = child
    remember(data, running)
  })
  await ensureQueue(broker.connectionString, FIRST_QUEUE)
  return broker
}

/** Starts the database and brings its tables up to date. */
async function startDatabase(data: DataDirectory, running: Running): Promise<string> {
  const url = process.env.DATABASE_URL ?? (await startEmbeddedDatabase(data, running))
  await migrate(url)
  return url
}

async function startEmbeddedDatabase(data: DataDirectory, running: Running): Promise<string> {
  try {
    running.postgres = await startPostgres(data.postgres)
    return running.postgres.url
  } catch (error) {
    const next = `Look at ${path.join(data.postgres, 'log')}, then run the command again. DATABASE_URL takes a Postgres of your own.`
    throw asLaunchError(error, 'The embedded database did not start.', next)
  } finally {
    remember(data, running)
    stopSignal.throwIfAborted()
  }
}

async function migrate(url: string): Promise<void> {
  try {
    await deployMigrations(url, ROOT)
  } catch (error) {
    throw asLaunchError(
      error,
      'The database could not be migrated.',
      '`npm run migrate -- status` says what differs. Nothing was changed by the migration that failed.',
    )
  }
  stopSignal.throwIfAborted()
}

type Facts = { url: string; port: number; databaseUrl: string; broker: Broker; isEmpty: boolean }

/** What lib/env.ts wants, unless the person has set it. */
function environment(data: DataDirectory, facts: Facts): Record<string, string> {
  if (facts.isEmpty) writeFileSync(data.emptyMarker, '')
  return {
    NODE_ENV: 'production',
    NEXT_MANUAL_SIG_HANDLE: 'true',
    NEXT_TELEMETRY_DISABLED: '1',
    HEADRACE_ROOT: ROOT,
    HEADRACE_DATA: data.root,
    DATABASE_URL: facts.databaseUrl,
    HEADRACE_ENCRYPTION_KEY: process.env.HEADRACE_ENCRYPTION_KEY ?? data.encryptionKey(),
    NEXTAUTH_SECRET: process.env.NEXTAUTH_SECRET ?? data.authSecret(),
    NEXTAUTH_URL: process.env.NEXTAUTH_URL ?? facts.url,
    HEADRACE_EMBEDDED_BROKER: facts.broker.connectionString,
    HEADRACE_LOOPBACK_ONLY: '1',
    HEADRACE_DEMO: existsSync(data.emptyMarker) ? '0' : '1',
    PORT: String(facts.port),
    HOSTNAME: '127.0.0.1',
  }
}

/** Notes whom a later start has to wait for, and tells broker and database whom to outlive. */
function remember(data: DataDirectory, { postgres, broker, app }: Running, url?: string): void {
  if (app) {
    broker?.process.send?.({ endAfter: app.pid })
    postgres?.watcher?.endAfter(app.pid)
    if (broker) postgres?.watcher?.endAfter(broker.pid)
  }
  const others = [
    ...(app ? [{ pid: app.pid, name: 'serve.mjs' }] : []),
    ...(broker ? [{ pid: broker.pid, name: 'lib/emulator/start.mjs' }] : []),
    ...(postgres?.watcher ? [{ pid: postgres.watcher.pid, name: 'headrace-postgres-watcher' }] : []),
  ]
  record(data, { pid: process.pid, others, ...(url && { url }) })
}

function announce(data: DataDirectory, startedAt: number, { url, broker, signIn, demo, warning }: Started): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  const password = signIn.password
    ? `${signIn.password}   (shown this once; kept in ${signIn.passwordFile})`
    : signIn.passwordFile
      ? `as in ${signIn.passwordFile}, unless you changed it`
      : 'as you set it'
  const lines = [
    '',
    `Headrace is up at ${url}  (${seconds} s)`,
    '',
    `  Sign in    ${signIn.name}`,
    `  Password   ${password}`,
    `  Broker     ${broker.connectionString}`,
    `  Queue      ${FIRST_QUEUE}`,
    `  Logs       ${path.dirname(data.logFile('app'))}`,
    '',
  ]
  if (demo?.state === 'made') lines.push(`  Demo data: ${demo.message ?? 'made'}`, '')
  if (demo?.state === 'failed') lines.push(`  The demo data could not be made: ${demo.message}`, '')
  if (warning) lines.push(`  Note: ${warning}`, '')
  say([...lines, 'Ctrl-C stops it; everything is kept.'].join('\n'))
}

/** Resolves when we are asked to stop (undefined), or with the child that ended by itself. */
async function untilEnd({ app, broker }: Running): Promise<Child | undefined> {
  const children = [app, broker].filter((child) => child !== undefined)
  const asked = new Promise<undefined>((resolve) => {
    if (stopSignal.aborted) resolve(undefined)
    stopSignal.addEventListener('abort', () => resolve(undefined))
  })
  return Promise.race([asked, ...children.map((child) => child.exited.then(() => child))])
}

async function fail(child: Child): Promise<number> {
  const { describeExit } = await import('./child-process')
  const { describeFailure } = await import('./entry/launch-error.mjs')
  process.stderr.write(describeFailure(await describeExit(child), 'Headrace stopped.'))
  return 1
}

/** The console first: it drains its consumers and settles messages, for which it needs broker and database. */
async function stopAll({ app, broker, postgres }: Running): Promise<void> {
  if (app || broker || postgres) say(`\nStopping${stopSignal.aborted ? ` (${stopSignal.reason})` : ''} …`)
  await app?.stop(APP_GRACE_MS)
  await broker?.stop(BROKER_GRACE_MS)
  await postgres?.stop()
  if (app) say('Stopped. `npm run up` starts it again with everything it had.')
}
