import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../ports'
import { commandLineOf, isAlive, waitUntilGone } from '../processes'
import { findBinaries } from './binaries'
import { choosePlace, type Place } from './place'
import { type Watcher, watchOver } from './watcher'

const USER = 'headrace'
const DATABASE = 'headrace'
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 20_000
const POLL_MS = 50
const PORT_ATTEMPTS = 3

/** A running embedded Postgres. */
export type PostgresServer = {
  /** Connects to the database `headrace`, password included. */
  url: string
  pid: number
  /** It ran already: an earlier start left it, or another process uses it. */
  wasRunning: boolean
  /** Set unless asked otherwise: ends Postgres when this process dies. */
  watcher?: Watcher
  stop(): Promise<void>
}

export type PostgresOptions = {
  /** Server settings, say `{ fsync: 'off' }`. */
  settings?: Record<string, string>
  /** False: leave it running when this process ends without `stop()`. */
  isWatched?: boolean
}

/**
 * Starts the Postgres of `directory`, or adopts it when it is running. The first start makes the cluster: only
 * loopback, only scram, a random password in `directory/password`.
 * @throws Error with the end of the server's log when it does not start
 */
export async function startPostgres(directory: string, options: PostgresOptions = {}): Promise<PostgresServer> {
  const place = choosePlace(path.resolve(directory), findBinaries())
  const password = initialise(place, directory)
  const running = await findServer(place, password)
  const { pid, port } = running ?? (await launch(place, password, directory, options.settings ?? {}))
  const watcher = options.isWatched === false ? undefined : watchOver(pid)
  await ensureDatabase(port, password)
  return {
    url: urlOf(port, password, DATABASE),
    pid,
    wasRunning: running !== undefined,
    ...(watcher && { watcher }),
    stop: () => stopServer(pid),
  }
}

/** The Postgres of `directory` if it is running, without starting it. */
export async function findPostgres(directory: string): Promise<{ url: string; pid: number } | undefined> {
  if (!existsSync(passwordFile(directory))) return undefined
  const password = readFileSync(passwordFile(directory), 'utf8').trim()
  const running = await findServer(choosePlace(path.resolve(directory), findBinaries()), password)
  return running && { url: urlOf(running.port, password, DATABASE), pid: running.pid }
}

/** Makes the cluster when there is none. Returns the password. */
function initialise(place: Place, directory: string): string {
  const file = passwordFile(directory)
  if (existsSync(path.join(place.cluster, 'PG_VERSION'))) {
    if (existsSync(file)) return readFileSync(file, 'utf8').trim()
    throw new Error(
      `The password of the database in ${place.cluster} is missing: ${file}. ` +
        'Restore that file from a backup, or remove the data directory to begin anew.',
    )
  }
  const password = randomBytes(24).toString('hex')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  // A folder half made by an initdb that was interrupted; initdb wants it empty.
  for (const entry of spawnSync('ls', ['-A', place.cluster], { encoding: 'utf8' }).stdout.split('\n')) {
    if (entry) rmSync(path.join(place.cluster, entry), { recursive: true, force: true })
  }
  const handover = path.join(path.dirname(place.cluster), `password-${process.pid}`)
  writeFileSync(handover, password, { mode: 0o600 })
  const { uid, gid } = place.runAs
  if (uid !== undefined && gid !== undefined) chownSync(handover, uid, gid)
  const args = ['-D', place.cluster, '-U', USER, '-A', 'scram-sha-256', '--pwfile', handover]
  const locale = ['-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  try {
    const made = spawnSync(path.join(place.binaries, 'bin/initdb'), [...args, ...locale, '--no-instructions'], {
      ...spawnOptions(place),
      encoding: 'utf8',
    })
    if (made.status !== 0) throw new Error(`Postgres could not make its cluster: ${made.error ?? made.stderr}`)
  } finally {
    rmSync(handover, { force: true })
  }
  return password
}

/** The server that `postmaster.pid` names, if it is really this cluster's; a stale file is removed. */
async function findServer(place: Place, password: string): Promise<{ pid: number; port: number } | undefined> {
  const file = path.join(place.cluster, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const [pidLine, , , portLine] = readFileSync(file, 'utf8').split('\n')
  const [pid, port] = [Number(pidLine), Number(portLine)]
  // After a crash or a reboot the id may belong to anything, and Postgres would refuse to start beside it.
  if (!isAlive(pid) || !commandLineOf(pid).includes(place.cluster)) {
    rmSync(file, { force: true })
    return undefined
  }
  await waitUntilReady(urlOf(port, password, 'postgres'), () => isAlive(pid))
  const client = new pg.Client(urlOf(port, password, 'postgres'))
  await client.connect()
  try {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    if (rows[0]?.data_directory === place.cluster) return { pid, port }
    throw new Error(`The Postgres at port ${port} serves ${rows[0]?.data_directory}, not ${place.cluster}.`)
  } finally {
    await client.end()
  }
}

async function launch(place: Place, password: string, directory: string, settings: Record<string, string>) {
  const logFile = path.join(directory, 'log')
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const child = spawnServer(place, port, logFile, settings)
    let exitCode: number | null = null
    child.on('exit', (code) => {
      exitCode = code ?? -1
    })
    const isReady = await waitUntilReady(urlOf(port, password, 'postgres'), () => exitCode === null).catch(() => false)
    if (isReady && child.pid) return { pid: child.pid, port }
    child.kill('SIGQUIT')
    const log = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
    const isPortLost = log.includes('Address already in use')
    if (!isPortLost || attempt === PORT_ATTEMPTS)
      throw new Error(`Postgres did not start. ${logFile} ends with:\n${log}`)
  }
}

function spawnServer(place: Place, port: number, logFile: string, settings: Record<string, string>): ChildProcess {
  const more = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const network = ['-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories=']
  const log = openSync(logFile, 'a', 0o600)
  try {
    // A process group of its own: Ctrl-C must reach the app first, and Postgres last.
    const child = spawn(path.join(place.binaries, 'bin/postgres'), ['-D', place.cluster, ...network, ...more], {
      ...spawnOptions(place),
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.on('error', () => {})
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** True once it answers; false as soon as `isRunning` says no. A wrong password throws at once. */
async function waitUntilReady(url: string, isRunning: () => boolean): Promise<boolean> {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end && isRunning(); await sleep(POLL_MS)) {
    const client = new pg.Client(url)
    client.on('error', () => {})
    try {
      await client.connect()
      return true
    } catch (error) {
      if ((error as { code?: string }).code === '28P01') throw new Error('Postgres refuses our password.')
    } finally {
      await client.end().catch(() => {})
    }
  }
  return false
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const client = new pg.Client(urlOf(port, password, 'postgres'))
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (!rowCount) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

/** "Fast" shutdown: transactions are rolled back, everything committed is written. Quiet when it is gone. */
async function stopServer(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isAlive(pid)) return
    process.kill(pid, signal)
    if (await waitUntilGone(pid, STOP_TIMEOUT_MS)) return
  }
}

const spawnOptions = (place: Place) => ({
  ...place.runAs,
  cwd: '/',
  env: { PATH: process.env.PATH, LC_ALL: 'C', LC_MESSAGES: 'C', TZ: 'UTC' } as unknown as NodeJS.ProcessEnv,
})

const passwordFile = (directory: string) => path.join(directory, 'password')

const urlOf = (port: number, password: string, database: string) =>
  `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`
