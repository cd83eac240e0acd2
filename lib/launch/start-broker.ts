import path from 'node:path'
import { createInterface } from 'node:readline'
import { type Child, describeExit, startChild } from './child-process'
import type { DataDirectory } from './data-directory'

/** The embedded broker: an Azure Service Bus namespace on this machine, as its own process. */
export type Broker = { child: Child; connectionString: string }

export async function startBroker(
  root: string,
  data: DataDirectory,
  port: number,
  onStarted: (child: Child) => void,
): Promise<Broker> {
  const child = startChild({
    name: 'The embedded broker',
    args: [path.join(root, 'lib/emulator/start.mjs'), '--data', data.broker, '--port', String(port)],
    env: process.env,
    cwd: root,
    logFile: data.logFile('broker'),
    stdout: 'pipe',
  })
  onStarted(child)
  const ready = await Promise.race([readReadyLine(child), child.exited.then(() => undefined)])
  if (!ready) throw await describeExit(child)
  return { child, connectionString: ready }
}

/** The connection string from the line `{"event":"ready","port":…,"connectionString":…}`. */
async function readReadyLine(child: Child): Promise<string | undefined> {
  if (!child.process.stdout) return undefined
  const lines = createInterface({ input: child.process.stdout })
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const message = parseLine(line)
      if (message?.event === 'ready' && message.connectionString) resolve(message.connectionString)
    })
    lines.on('close', () => resolve(undefined))
  })
}

function parseLine(line: string): { event?: string; connectionString?: string } | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
