import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EngineProcessOptions } from './engine-process'

const ENGINE_PROCESS = fileURLToPath(new URL('./engine-process.ts', import.meta.url))

export type EngineProcess = {
  child: ChildProcess
  /** Resolves when its engine has looked at the flows for the first time. */
  started: Promise<void>
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Inputs that began to run in it, in order. */
  inputs: string[]
}

/** An engine on a scripted runtime, in a process of its own that ends with this one. */
export function startEngineProcess(options: EngineProcessOptions, env: Record<string, string> = {}): EngineProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', ENGINE_PROCESS, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
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
