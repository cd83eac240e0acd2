import type { ServiceBusSender } from '@azure/service-bus'
import { type Figure, figure } from '../report'
import { measureInTurn } from '../rounds'
import { connectBare, openBareSender, sendBare } from './bare-rhea-client'
import { bareBatch, bareMessage, serviceBusMessage } from './message'
import { measureRate, type Rig, sendBatches, sized, withClient } from './rig'

const BATCH = 100
/** Sent unmeasured before: until then both sides run code that is still being compiled, at little more than half the rate. */
const WARM_UP = 60_000

export async function benchSend(rig: Rig): Promise<Figure[]> {
  return [
    ...(await benchSingle(rig, 1, sized(rig, 1000))),
    ...(await benchSingle(rig, 64, sized(rig, 10_000))),
    ...(await benchBatches(rig, 1, sized(rig, 20_000))),
    ...(await benchBatches(rig, 4, sized(rig, 20_000))),
  ]
}

async function benchSingle(rig: Rig, inFlight: number, count: number): Promise<Figure[]> {
  const [bare, broker] = await measureInTurn(
    rig.options.rounds,
    () => sendBareSingly(rig, count, inFlight),
    () => sendToQueue(rig, count, (sender) => sendSingly(sender, count, inFlight)),
  )
  const label = `send, one a transfer, ${inFlight} in flight, durable`
  return [
    figure(label, 'messages/s', broker?.perSecond ?? NaN, bare?.perSecond),
    figure(`${label}: broker CPU`, 'µs/message', broker?.serverCpuUs ?? NaN, bare?.serverCpuUs),
  ]
}

async function benchBatches(rig: Rig, inFlight: number, count: number): Promise<Figure[]> {
  const sendAlone = (messages: number) => sendBareBatches(rig, messages, inFlight)
  const send = (messages: number) => sendToQueue(rig, messages, (sender) => sendInLanes(sender, messages, inFlight))
  await sendAlone(sized(rig, WARM_UP))
  await send(sized(rig, WARM_UP))
  const [bare, broker] = await measureInTurn(
    rig.options.rounds,
    () => sendAlone(count),
    () => send(count),
  )
  const label = `send, ${BATCH} a batch, ${inFlight} in flight, durable`
  const goal = inFlight === 1 ? ({ atLeast: 15_000 } as const) : undefined
  return [
    figure(label, 'messages/s', broker?.perSecond ?? NaN, bare?.perSecond, goal),
    figure(`${label}: broker CPU`, 'µs/message', broker?.serverCpuUs ?? NaN, bare?.serverCpuUs),
  ]
}

async function sendInLanes(sender: ServiceBusSender, count: number, lanes: number): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, () => sendBatches(sender, count / lanes, BATCH)))
}

/** The queue is emptied afterwards, outside the measured time. */
async function sendToQueue({ broker }: Rig, count: number, send: (sender: ServiceBusSender) => Promise<void>) {
  return withClient(broker, async (client) => {
    const sender = client.createSender('queue')
    await sender.createMessageBatch()
    const sample = await measureRate(broker, count, () => send(sender))
    const receiver = client.createReceiver('queue', { receiveMode: 'receiveAndDelete' })
    for (let left = count; left > 0; ) left -= (await receiver.receiveMessages(1000, { maxWaitTimeInMs: 1000 })).length
    return sample
  })
}

async function sendSingly(sender: ServiceBusSender, count: number, inFlight: number): Promise<void> {
  let sent = 0
  const lane = async () => {
    while (sent < count) await sender.sendMessages(serviceBusMessage(sent++))
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
}

async function sendBareSingly({ bare }: Rig, count: number, inFlight: number) {
  const connection = await connectBare(bare.port)
  const sender = await openBareSender(connection, 'sink')
  const sample = await measureRate(bare, count, () => sendBare(sender, count, inFlight, bareMessage))
  connection.close()
  return sample
}

async function sendBareBatches({ bare }: Rig, count: number, inFlight: number) {
  const connection = await connectBare(bare.port)
  const sender = await openBareSender(connection, 'sink')
  const work = () => sendBare(sender, count / BATCH, inFlight, (index) => bareBatch(index * BATCH, BATCH))
  const sample = await measureRate(bare, count, work)
  connection.close()
  return sample
}
