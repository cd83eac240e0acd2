import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const CLI = fileURLToPath(new URL('./start.mjs', import.meta.url))

const started: ChildProcess[] = []

/** After each test: one that failed half-way leaves nothing running. */
export function killAll(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL')
}

/** Runs the broker's command line; `ready` is its first line, `ended` what it left behind. */
export function run(args: string[], { ipc = false, cli = CLI, env = {} } = {}) {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
  })
  started.push(child)
  let stdout = ''
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const ready = new Promise<{ event: string; port: number; connectionString: string }>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`ended with code ${code}: ${stderr}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk
      if (stdout.includes('\n')) resolve(JSON.parse(stdout.split('\n')[0] as string))
    })
  })
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    // Node tells no `close` of a child whose IPC channel was cut.
    child.once(ipc ? 'exit' : 'close', (code) => resolve({ code, stderr }))
  })
  // Those who wait for the end only have no use for this failure.
  ready.catch(() => {})
  return { child, ready, ended }
}
