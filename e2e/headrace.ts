import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../lib/launch/ports'
import { waitUntilGone } from '../lib/launch/processes'

const UP = path.resolve('lib/launch/up.mjs')
const START_TIMEOUT_MS = 10 * 60_000
const STOP_TIMEOUT_MS = 60_000

/** A real `npm run up` of this checkout on a data directory of its own. */
export type Headrace = {
  url: string
  password: string
  connectionString: string
  data: string
  /** The launcher. */
  pid: number
  process: ChildProcess
  output(): string
  /** SIGTERM; throws when it does not end. Keeps the data. */
  stop(): Promise<void>
}

type StartOptions = {
  data: string
  args?: string[]
  /** What runs; `up.mjs` itself unless a test wants npm or a shell above it. */
  command?: [string, ...string[]]
  env?: NodeJS.ProcessEnv
}

/** A new data directory that Postgres, as another user, may pass through. */
export function makeDataDirectory(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'headrace-e2e-'))
}

export function removeDataDirectory(data: string): void {
  const elsewhere = path.join(data, 'postgres/elsewhere')
  if (existsSync(elsewhere)) rmSync(readFileSync(elsewhere, 'utf8').trim(), { recursive: true, force: true })
  rmSync(data, { recursive: true, force: true })
}

/** Starts it and waits until it says that it is up. Throws with its output when it ends before. */
export async function startHeadrace(options: StartOptions): Promise<Headrace> {
  const { child, output, ended } = launch(options)
  const isUp = await Promise.race([
    waitFor(() => output().includes('Ctrl-C stops it'), START_TIMEOUT_MS),
    ended.then(() => false),
  ])
  if (!isUp) {
    child.kill('SIGKILL')
    throw new Error(`npm run up did not come up:\n${output()}`)
  }
  const { pid, url } = JSON.parse(readFileSync(path.join(options.data, 'launcher.json'), 'utf8'))
  const stop = async () => {
    process.kill(pid, 'SIGTERM')
    if (!(await waitUntilGone(pid, STOP_TIMEOUT_MS))) throw new Error(`it does not stop:\n${output()}`)
  }
  return {
    url,
    pid,
    password: readFileSync(path.join(options.data, 'admin-password'), 'utf8').trim(),
    connectionString: /Broker +(Endpoint=\S+)/.exec(output())?.[1] ?? '',
    data: options.data,
    process: child,
    output,
    stop,
  }
}

/** Runs a start that is expected to fail; returns what it said. */
export async function failToStart(options: StartOptions): Promise<{ code: number | null; output: string }> {
  const { output, ended } = launch(options)
  return { code: await ended, output: output() }
}

export async function someFreePorts(): Promise<string[]> {
  return ['--port', String(await freePort()), '--broker-port', String(await freePort())]
}

export async function waitFor(isTrue: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; ) {
    if (await isTrue()) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

function launch({ data, args = [], command = [process.execPath, UP], env }: StartOptions) {
  const [program, ...first] = command
  const child = spawn(program, [...first, '--data', data, ...args], {
    env: env ?? cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let text = ''
  const keep = (chunk: Buffer) => {
    text += chunk
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { child, ended, output: () => text }
}

/** Without what a developer may have set for another database or another data directory. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('HEADRACE_') && !name.startsWith('NEXTAUTH_') && name !== 'DATABASE_URL',
  )
  return Object.fromEntries(kept) as NodeJS.ProcessEnv
}
