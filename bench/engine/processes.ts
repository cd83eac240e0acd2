import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cpuMs, residentMb } from '../process-usage'
import { ROOT } from '../root'

export type Child = { process: ChildProcess; pid: number; stop(): Promise<void> }

const FOLLOW_LAUNCHER = pathToFileURL(join(ROOT, 'lib/launch/follow-launcher.mjs')).href

/** Starts Node, in the project's folder. It ends when this process dies. */
export function spawnNode(args: string[], env: NodeJS.ProcessEnv, stdout: 'inherit' | 'ignore'): ChildProcess {
  const profile = process.env.BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : []
  return spawn(process.execPath, [...profile, '--import', FOLLOW_LAUNCHER, ...args], {
    cwd: ROOT,
    env: { ...env, HEADRACE_LAUNCHER: String(process.pid) },
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
  })
}

/** Starts a program that says something over IPC when it is there; resolves then. */
export async function startChild(args: string[], env: NodeJS.ProcessEnv): Promise<Child> {
  const child = spawnNode(args, env, 'inherit')
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Error(`node ${args.join(' ')} ended with code ${code}`)))
  })
  child.removeAllListeners('exit')
  return { process: child, pid: child.pid as number, stop: () => stopNode(child) }
}

export function stopNode(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

/** A process with everything below it. */
export function family(pid: number): number[] {
  const parents = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), Number(name)])
  }
  const below = (one: number): number[] => [one, ...(parents.get(one) ?? []).flatMap(below)]
  return below(pid)
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

const sum = (values: number[]) => values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0)

/** CPU time of several processes so far, in ms. */
export const cpuMsOf = (pids: number[]) => sum(pids.map(cpuMs))

const METER_MS = 200

/**
 * CPU time of everything below a process, in ms. Looks several times a second: what a process used that has ended
 * meanwhile would be lost otherwise.
 */
export class FamilyMeter {
  readonly #pid: number
  readonly #seen = new Map<number, number>()
  #totalMs = 0

  constructor(pid: number) {
    this.#pid = pid
    setInterval(() => this.readMs(), METER_MS).unref()
  }

  readMs(): number {
    for (const pid of family(this.#pid)) {
      const now = cpuMs(pid)
      if (pid === this.#pid || Number.isNaN(now)) continue
      this.#totalMs += now - (this.#seen.get(pid) ?? 0)
      this.#seen.set(pid, now)
    }
    return this.#totalMs
  }
}

export const residentMbOf = (pids: number[]) => sum(pids.map(residentMb))
