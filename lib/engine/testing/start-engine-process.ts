import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EngineProcessOptions } from './engine-process'
import { type Failpoint, formatFailpoint } from './failpoint'

const ENGINE_PROCESS = fileURLToPath(new URL('./engine-process.ts', import.meta.url))

export type EngineProcess = {
  child: ChildProcess
  /** Resolves when its engine has looked at the flows for the first time. */
  started: Promise<void>
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Inputs that a script began to run in it, in order. */
  inputs: string[]
}

export type StartOptions = EngineProcessOptions & {
  /** Dies by its own hand there; without it, lives. */
  die?: Failpoint
  env?: Record<string, string>
  /** A program and its first arguments that run the engine's command line in its own process, say `unshare`. */
  within?: string[]
}

/** An engine in a process of its own that ends with this one. */
export function startEngineProcess({ die, env, within = [], ...options }: StartOptions): EngineProcess {
  const command = [...within, process.execPath, '--import', 'tsx', ENGINE_PROCESS, JSON.stringify(options)]
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env, ...(die && { HEADRACE_FAILPOINT: formatFailpoint(die) }) },
  })
  const inputs: string[] = []
  const started = new Promise<void>((resolve) => {
    child.on('message', (message: 'started' | { running: string }) => {
      if (message === 'started') resolve()
      else inputs.push(message.running)
    })
  })
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  return { child, started, exit, inputs }
}
