import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { LaunchError } from './entry/launch-error.mjs'
import { forceSignal } from './entry/stopping.mjs'

const FOLLOW = new URL('./follow-launcher.mjs', import.meta.url).href
const LAST_LINES = 15
const HURRY_MS = 3_000

/** A Node process of ours: in a group of its own, with its output in a log file, ending when we die. */
export type Child = {
  name: string
  pid: number
  /** Resolves when it is gone, with words for how. */
  exited: Promise<string>
  process: ChildProcess
  logFile: string
  /** SIGTERM, then SIGKILL after `graceMs`. A second signal hurries it: SIGTERM again, and little time. */
  stop(graceMs: number): Promise<void>
}

export type ChildOptions = {
  name: string
  args: string[]
  env: NodeJS.ProcessEnv
  cwd: string
  logFile: string
  /** `pipe`: the caller reads standard output; standard error goes to the log in any case. */
  stdout: 'log' | 'pipe'
}

export function startChild({ name, args, env, cwd, logFile, stdout }: ChildOptions): Child {
  const log = openSync(logFile, 'a', 0o600)
  writeSync(log, `--- ${new Date().toISOString()} ${name} starts\n`)
  const child = spawn(process.execPath, ['--import', FOLLOW, ...args], {
    cwd,
    env: { ...env, HEADRACE_LAUNCHER: String(process.pid) },
    // Ctrl-C goes to the whole group of the terminal; these must hear of it from us, in order.
    detached: true,
    stdio: ['ignore', stdout === 'pipe' ? 'pipe' : log, log, 'ipc'],
  })
  closeSync(log)
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit code ${code}`))
  })
  return {
    name,
    pid: child.pid ?? 0,
    exited,
    process: child,
    logFile,
    stop: (graceMs) => stopChild(child, exited, graceMs),
  }
}

/** Why `child` is not there any more, with the end of its log. */
export async function describeExit(child: Child): Promise<LaunchError> {
  return new LaunchError(
    `${child.name} ended (${await child.exited}).`,
    `${child.logFile} ends with:\n${lastLines(child.logFile)}`,
    'Run the command again; if it stays, the log above says why.',
  )
}

export function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n')
}

async function stopChild(child: ChildProcess, exited: Promise<string>, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const kill = () => child.kill('SIGKILL')
  let timer = setTimeout(kill, graceMs)
  const hurry = () => {
    child.kill('SIGTERM')
    clearTimeout(timer)
    timer = setTimeout(kill, HURRY_MS)
  }
  child.kill('SIGTERM')
  forceSignal.addEventListener('abort', hurry)
  if (forceSignal.aborted) hurry()
  await exited
  clearTimeout(timer)
  forceSignal.removeEventListener('abort', hurry)
}
