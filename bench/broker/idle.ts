import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceBusClient } from '@azure/service-bus'
import type { Connection } from 'rhea'
import { cpuMs, residentMb } from '../process-usage'
import { type Figure, figure } from '../report'
import { measureInTurn, type Sample } from '../rounds'
import { connectBare } from './bare-rhea-client'
import { type Rig, sized } from './rig'
import { type Server, startBareServer, startBroker } from './servers'

/** Few connections with many receivers each, as the engine has them. */
const RECEIVERS_PER_CLIENT = 100

/** Receivers that wait on queues where nothing happens: how soon they are there, and what they cost. */
export async function benchIdle(rig: Rig): Promise<Figure[]> {
  const receivers = sized(rig, 1000)
  const watchMs = sized(rig, 10_000)
  const queues = Array.from({ length: receivers }, (_, index) => `idle-${index}`)
  const [bare, broker] = await measureInTurn(
    rig.options.rounds,
    () => watch(startBareServer, (server) => attachBare(server, queues), watchMs),
    () =>
      watch(
        () => startBroker(queues),
        (server) => attachOfficial(server, queues),
        watchMs,
      ),
  )
  const label = `${receivers} idle receivers`
  return [
    figure(`${label}: all attached after`, 's', broker?.attachSeconds ?? NaN, bare?.attachSeconds, { atMost: 10 }),
    figure(`${label}: broker memory`, 'MB', broker?.mb ?? NaN, bare?.mb, { atMost: 50 }),
    figure(`${label}: broker CPU`, '% of a core', broker?.cpuPercent ?? NaN, bare?.cpuPercent, { atMost: 1 }),
  ]
}

type Attach = (server: Server) => Promise<{ close(): Promise<void> }>

async function watch(start: () => Promise<Server>, attach: Attach, watchMs: number): Promise<Sample> {
  const server = await start()
  const memoryBefore = residentMb(server.pid)
  const startedAt = performance.now()
  const clients = await attach(server)
  const attachSeconds = (performance.now() - startedAt) / 1000
  const cpuBefore = cpuMs(server.pid)
  await sleep(watchMs)
  const cpuPercent = ((cpuMs(server.pid) - cpuBefore) / watchMs) * 100
  const mb = residentMb(server.pid) - memoryBefore
  await clients.close()
  await server.close()
  return { attachSeconds, mb, cpuPercent }
}

async function attachOfficial(server: Server, queues: string[]) {
  const clients: ServiceBusClient[] = []
  const attached = queues.map(async (queue, index) => {
    if (index % RECEIVERS_PER_CLIENT === 0) clients.push(new ServiceBusClient(server.connectionString))
    const receiver = (clients.at(-1) as ServiceBusClient).createReceiver(queue)
    await new Promise<void>((resolve, reject) => {
      // `postInitialize` is called when the link is open; the SDK's typings leave it out.
      const handlers = {
        processMessage: async () => {},
        processError: async ({ error }: { error: Error }) => reject(error),
        postInitialize: async () => resolve(),
      }
      receiver.subscribe(handlers, { maxConcurrentCalls: 16 })
    })
  })
  await Promise.all(attached)
  return {
    async close() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

async function attachBare(server: Server, queues: string[]) {
  const connections: Connection[] = []
  for (let index = 0; index < queues.length; index += RECEIVERS_PER_CLIENT)
    connections.push(await connectBare(server.port))
  const attached = queues.map((queue, index) => {
    const connection = connections[Math.floor(index / RECEIVERS_PER_CLIENT)] as Connection
    const session = connection.create_session()
    session.begin()
    const receiver = session.open_receiver({ source: queue, credit_window: 16 })
    return new Promise<void>((resolve) => receiver.once('receiver_open', () => resolve()))
  })
  await Promise.all(attached)
  return {
    async close() {
      for (const connection of connections) connection.close()
    },
  }
}
