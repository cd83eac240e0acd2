import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from '../root'

const BROKER = join(ROOT, 'lib/emulator/start.mjs')
const BARE_SERVER = join(ROOT, 'bench/broker/bare-rhea-server.mjs')

/** A server in a process of its own. */
export type Server = {
  pid: number
  port: number
  /** Empty for the bare server. */
  connectionString: string
  /** From the start of the process to its word that it accepts connections. */
  startMs: number
  close(): Promise<void>
}

/** The broker as `npm run broker` starts it, durable, with these queues, in a directory of its own. */
export async function startBroker(queues: string[]): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-bench-'))
  const config = join(directory, 'Config.json')
  const Queues = queues.map((Name) => ({ Name, Properties: { LockDuration: 'PT5M' } }))
  writeFileSync(config, JSON.stringify({ UserConfig: { Namespaces: [{ Name: 'bench', Queues }] } }))
  const server = await start([BROKER, '--data', join(directory, 'data'), '--port', '0', '--config', config])
  return {
    ...server,
    async close() {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** rhea alone, see `bare-rhea-server.mjs`. */
export function startBareServer(): Promise<Server> {
  return start([BARE_SERVER])
}

function start(args: string[]): Promise<Server> {
  const startedAt = performance.now()
  const profile = process.env.BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : []
  // With an IPC channel it ends when this process dies.
  const child = spawn(process.execPath, [...profile, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with code ${code}`)))
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) => {
      const startMs = performance.now() - startedAt
      child.removeAllListeners('exit')
      const { port, connectionString = '' } = JSON.parse(line) as { port: number; connectionString?: string }
      resolve({ pid: child.pid as number, port, connectionString, startMs, close: () => stop(child) })
    })
  })
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
