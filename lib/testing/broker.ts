import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ServiceBusAdministrationClient } from '@azure/service-bus'
import { formatDuration } from '@/lib/emulator/duration'
import type { QueueProperties } from '@/lib/emulator/queue/properties'

const CLI = fileURLToPath(new URL('../emulator/start.mjs', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export type TestBrokerOptions = {
  queues?: Record<string, Partial<QueueProperties>>
  /** Serve the fault switches. */
  faults?: boolean
  /** Further options of the command line. */
  args?: string[]
  /** Further variables of the process's environment. */
  env?: Record<string, string>
}

export type TestBroker = {
  connectionString: string
  port: number
  dataDirectory: string
  /** What the process wrote to its log so far. */
  log(): string
  createQueue(name: string, properties?: Partial<QueueProperties>): Promise<void>
  /** Stops the process (SIGKILL: as a crash) and starts it again on the same port and data. */
  restart(signal?: NodeJS.Signals): Promise<void>
  /** Stops it and removes its data. */
  close(): Promise<void>
}

/** Starts the real broker as a process of its own, on a free port, with a data directory of its own. */
export async function testBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'headrace-broker-'))
  let running = await startProcess(dataDirectory, 0, options)
  const { port, connectionString } = running
  const administration = administrationClient(connectionString)
  const broker: TestBroker = {
    connectionString,
    port,
    dataDirectory,
    log: () => running.log(),
    async createQueue(name, properties = {}) {
      await administration.createQueue(name, toQueueOptions(properties))
    },
    async restart(signal = 'SIGTERM') {
      await stopProcess(running.child, signal)
      running = await startProcess(dataDirectory, port, options)
    },
    async close() {
      await stopProcess(running.child, 'SIGTERM')
      rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
  for (const [name, properties] of Object.entries(options.queues ?? {})) await broker.createQueue(name, properties)
  return broker
}

/** The official administration client, over plain HTTP: 7.9.5 does not know the emulator flag and would use TLS. */
export function administrationClient(connectionString: string): ServiceBusAdministrationClient {
  const client = new ServiceBusAdministrationClient(connectionString)
  client.pipeline.addPolicy(
    {
      name: 'plainHttp',
      sendRequest(request, next) {
        request.url = request.url.replace(/^https:/, 'http:')
        request.allowInsecureConnection = true
        return next(request)
      },
    },
    { afterPhase: 'Sign' },
  )
  return client
}

type Running = { child: ChildProcess; port: number; connectionString: string; log(): string }

function startProcess(dataDirectory: string, port: number, options: TestBrokerOptions): Promise<Running> {
  const args = [CLI, '--data', dataDirectory, '--port', String(port), ...(options.args ?? [])]
  if (options.faults) args.push('--faults')
  // With an IPC channel the broker ends when the test process dies.
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the broker exited with code ${code}: ${log}`)))
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    lines.once('line', (line) => {
      child.removeAllListeners('exit')
      const ready = JSON.parse(line) as { port: number; connectionString: string }
      resolve({ child, port: ready.port, connectionString: ready.connectionString, log: () => log })
    })
  })
}

function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

function toQueueOptions(properties: Partial<QueueProperties>) {
  const { lockDurationMs, defaultTimeToLiveMs, duplicateDetectionWindowMs, deadLetteringOnExpiration, ...same } =
    properties
  return {
    ...same,
    ...(lockDurationMs !== undefined && { lockDuration: formatDuration(lockDurationMs) }),
    ...(defaultTimeToLiveMs !== undefined && { defaultMessageTimeToLive: formatDuration(defaultTimeToLiveMs) }),
    ...(duplicateDetectionWindowMs !== undefined && {
      duplicateDetectionHistoryTimeWindow: formatDuration(duplicateDetectionWindowMs),
    }),
    ...(deadLetteringOnExpiration !== undefined && { deadLetteringOnMessageExpiration: deadLetteringOnExpiration }),
  }
}
