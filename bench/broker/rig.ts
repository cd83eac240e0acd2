import { type ServiceBusClient as Client, ServiceBusClient, type ServiceBusSender } from '@azure/service-bus'
import type { BenchOptions } from '../options'
import { cpuMs } from '../process-usage'
import type { Sample } from '../rounds'
import { serviceBusMessage } from './message'
import type { Server } from './servers'

const FILL_BATCH = 500

/** What the parts of the benchmark share: both servers, and the size of things. */
export type Rig = { broker: Server; bare: Server; options: BenchOptions }

/** The full number, or a tenth of it in a quick run. */
export function sized(rig: Rig, count: number): number {
  return rig.options.quick ? Math.ceil(count / 10) : count
}

/** Runs `work` for `count` messages: messages a second, CPU µs a message of the server and of this process. */
export async function measureRate(server: Server, count: number, work: () => Promise<void>): Promise<Sample> {
  const serverBefore = cpuMs(server.pid)
  const ownBefore = process.cpuUsage()
  const startedAt = performance.now()
  await work()
  const seconds = (performance.now() - startedAt) / 1000
  const own = process.cpuUsage(ownBefore)
  return {
    perSecond: count / seconds,
    serverCpuUs: ((cpuMs(server.pid) - serverBefore) * 1000) / count,
    clientCpuUs: (own.user + own.system) / count,
  }
}

export async function withClient<T>(server: Server, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new ServiceBusClient(server.connectionString)
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

/** Sends `count` messages in batches of `size`, one batch after the other. */
export async function sendBatches(sender: ServiceBusSender, count: number, size = FILL_BATCH): Promise<void> {
  for (let sent = 0; sent < count; ) {
    const batch = await sender.createMessageBatch()
    while (sent < count && batch.count < size && batch.tryAddMessage(serviceBusMessage(sent))) sent++
    await sender.sendMessages(batch)
  }
}
