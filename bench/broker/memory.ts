import { residentMb } from '../process-usage'
import { type Figure, figure } from '../report'
import { measureInTurn } from '../rounds'
import { connectBare, openBareSender, sendBare } from './bare-rhea-client'
import { bareMessage } from './message'
import { type Rig, sendBatches, sized, withClient } from './rig'
import { startBareServer, startBroker } from './servers'

const KB_PER_MB = 1024

/** What a queue and what waiting messages add to the resident memory of a fresh process. */
export async function benchMemory(rig: Rig): Promise<Figure[]> {
  const messages = sized(rig, 100_000)
  const queues = sized(rig, 1000)
  const { rounds } = rig.options
  const [bare, broker] = await measureInTurn(
    rounds,
    () => keepInBareServer(messages),
    () => keepInBroker(messages),
  )
  const [few, many] = await measureInTurn(
    rounds,
    () => brokerWithQueues(1),
    () => brokerWithQueues(1 + queues),
  )
  const perQueueKb = (((many?.mb ?? NaN) - (few?.mb ?? NaN)) * KB_PER_MB) / queues
  return [
    figure(`memory of ${messages} waiting messages`, 'MB', broker?.mb ?? NaN, bare?.mb),
    figure('memory of a queue', 'KB', perQueueKb),
    figure('memory of a broker with one queue', 'MB', few?.mb ?? NaN),
  ]
}

async function keepInBroker(count: number) {
  const broker = await startBroker(['queue'])
  const sample = await withClient(broker, async (client) => {
    const sender = client.createSender('queue')
    await sender.createMessageBatch()
    const before = residentMb(broker.pid)
    await sendBatches(sender, count)
    return { mb: residentMb(broker.pid) - before }
  })
  await broker.close()
  return sample
}

async function keepInBareServer(count: number) {
  const bare = await startBareServer()
  const connection = await connectBare(bare.port)
  const sender = await openBareSender(connection, 'queue')
  const before = residentMb(bare.pid)
  await sendBare(sender, count, 900, bareMessage)
  const sample = { mb: residentMb(bare.pid) - before }
  connection.close()
  await bare.close()
  return sample
}

async function brokerWithQueues(count: number) {
  const broker = await startBroker(Array.from({ length: count }, (_, index) => `queue-${index}`))
  const sample = { mb: residentMb(broker.pid) }
  await broker.close()
  return sample
}
