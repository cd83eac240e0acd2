import type { ServiceBusClient } from '@azure/service-bus'
import { type Figure, figure, type Goal } from '../report'
import { measureInTurn } from '../rounds'
import { type BareReceive, connectBare, openBareSender, receiveBare, sendBare } from './bare-rhea-client'
import { bareMessage } from './message'
import { measureRate, type Rig, sendBatches, sized, withClient } from './rig'

type Case = { calls: number; count: number; deleteAtOnce?: boolean; goal?: Goal; cpuGoal?: Goal }

const CASES: Case[] = [
  { calls: 1, count: 1000 },
  { calls: 16, count: 8000 },
  { calls: 64, count: 15_000, goal: { atLeast: 6000 }, cpuGoal: { atMost: 60 } },
  { calls: 256, count: 20_000 },
  { calls: 256, count: 20_000, deleteAtOnce: true },
]

/** The official client's `subscribe`, each message completed when its handler returns; or received and deleted. */
export async function benchReceive(rig: Rig): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const one of CASES) figures.push(...(await benchCase(rig, { ...one, count: sized(rig, one.count) })))
  return figures
}

async function benchCase(rig: Rig, { calls, count, deleteAtOnce, goal, cpuGoal }: Case): Promise<Figure[]> {
  const [bare, broker] = await measureInTurn(
    rig.options.rounds,
    () => receiveFromBare(rig, count, { source: 'queue', credit: calls, preSettled: deleteAtOnce }),
    () => receiveFromBroker(rig, count, calls, deleteAtOnce),
  )
  const label = `${deleteAtOnce ? 'receive-and-delete' : 'receive and complete'}, ${calls} calls`
  return [
    figure(label, 'messages/s', broker?.perSecond ?? NaN, bare?.perSecond, goal),
    figure(`${label}: broker CPU`, 'µs/message', broker?.serverCpuUs ?? NaN, bare?.serverCpuUs, cpuGoal),
    figure(`${label}: client CPU`, 'µs/message', broker?.clientCpuUs ?? NaN, bare?.clientCpuUs),
  ]
}

async function receiveFromBroker({ broker }: Rig, count: number, calls: number, deleteAtOnce?: boolean) {
  await withClient(broker, async (client) => sendBatches(client.createSender('queue'), count))
  return withClient(broker, (client) =>
    measureRate(broker, count, () => subscribe(client, count, calls, deleteAtOnce ? 'receiveAndDelete' : 'peekLock')),
  )
}

async function subscribe(
  client: ServiceBusClient,
  count: number,
  calls: number,
  receiveMode: 'peekLock' | 'receiveAndDelete',
): Promise<void> {
  const receiver = client.createReceiver('queue', { receiveMode, maxAutoLockRenewalDurationInMs: 0 })
  await new Promise<void>((resolve, reject) => {
    let handled = 0
    receiver.subscribe(
      {
        async processMessage() {
          if (++handled === count) resolve()
        },
        processError: async ({ error }) => reject(error),
      },
      { maxConcurrentCalls: calls },
    )
  })
  // Waits for the settlements that are under way.
  await receiver.close()
}

async function receiveFromBare({ bare }: Rig, count: number, receive: BareReceive) {
  const connection = await connectBare(bare.port)
  const sender = await openBareSender(connection, 'queue')
  await sendBare(sender, count, 900, bareMessage)
  const sample = await measureRate(bare, count, () => receiveBare(connection, count, receive))
  connection.close()
  return sample
}
