import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LaunchError } from './entry/launch-error.mjs'
import { step } from './entry/steps.mjs'
import { commandLineOf, isAlive, waitUntilGone } from './processes'

const FORMER_RUN_TIMEOUT_MS = 60_000
const MAX_LOG_BYTES = 10_000_000

/** Where the launcher keeps things below the data directory. */
export type DataDirectory = ReturnType<typeof openDataDirectory>

export function openDataDirectory(root: string) {
  try {
    mkdirSync(path.join(root, 'logs'), { recursive: true })
    // As root, Postgres runs as another user, who must be able to pass through here.
    chmodSync(root, process.getuid?.() === 0 ? 0o711 : 0o700)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new LaunchError(`${root} can not be used.`, why, '`npm run up -- --data <a folder that you may write>`')
  }
  const at = (name: string) => path.join(root, name)
  return {
    root,
    postgres: at('postgres'),
    broker: at('broker'),
    apps: at('app'),
    ports: at('ports.json'),
    launcher: at('launcher.json'),
    adminPassword: at('admin-password'),
    emptyMarker: at('empty'),
    logFile: (name: string) => rotated(at(`logs/${name}.log`)),
    encryptionKey: () => readOrMake(at('encryption-key'), () => randomBytes(32).toString('base64')),
    authSecret: () => readOrMake(at('auth-secret'), () => randomBytes(32).toString('base64')),
  }
}

/** The text of a file that only we may read; made at the first use. */
export function readOrMake(file: string, make: () => string): string {
  if (!existsSync(file)) writeSecret(file, make())
  return readFileSync(file, 'utf8').trim()
}

/** Writes all or nothing: a key that was cut short by a full disk would be worse than none. */
export function writeSecret(file: string, text: string): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${text}\n`, { mode: 0o600 })
  renameSync(draft, file)
}

/** What a start leaves behind, so that the next one knows whom to wait for. */
type LauncherRecord = { pid: number; url?: string; others: { pid: number; name: string }[] }

/**
 * Makes this process the one that runs on the data directory.
 * @throws LaunchError when another launcher does
 */
export async function claim(data: DataDirectory): Promise<void> {
  const former = readRecord(data.launcher)
  if (former && former.pid !== process.pid && isStill(former.pid, 'up.mjs')) {
    throw new LaunchError(
      `Headrace runs already on ${data.root}${former.url ? `: ${former.url}` : ''}.`,
      `Process ${former.pid} started it.`,
      `Open that address, or stop it first: \`kill ${former.pid}\``,
    )
  }
  const left = former?.others.filter((other) => isStill(other.pid, other.name)) ?? []
  if (left.length) await step('Waiting for the former run to end', () => waitForAll(left))
  record(data, { pid: process.pid, others: [] })
}

export function record(data: DataDirectory, entry: LauncherRecord): void {
  writeSecret(data.launcher, JSON.stringify(entry))
}

export function release(data: DataDirectory): void {
  if (readRecord(data.launcher)?.pid === process.pid) rmSync(data.launcher, { force: true })
}

async function waitForAll(left: { pid: number; name: string }[]): Promise<void> {
  for (const { pid, name } of left) {
    if (await waitUntilGone(pid, FORMER_RUN_TIMEOUT_MS)) continue
    throw new LaunchError(
      `A part of the former run does not end: ${name}.`,
      `It is process ${pid}.`,
      `\`kill -9 ${pid}\``,
    )
  }
}

function readRecord(file: string): LauncherRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LauncherRecord
  } catch {
    return undefined
  }
}

/** Ids are reused: it counts only when the process still is what it was. */
const isStill = (pid: number, name: string) => isAlive(pid) && commandLineOf(pid).includes(name)

function rotated(file: string): string {
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`)
  return file
}
