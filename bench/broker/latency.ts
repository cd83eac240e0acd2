import { setTimeout as sleep } from 'node:timers/promises'
import rhea from 'rhea'
import { type Figure, figure } from '../report'
import { measureInTurn, quantile, type Sample } from '../rounds'
import { connectBare, openBareSender } from './bare-rhea-client'
import { type Rig, sized, withClient } from './rig'

const PER_SECOND = 100
const WARM_UP = 50

/** From the call of send to the call of the handler, sender and receiver on one connection of one process. */
export async function benchLatency(rig: Rig): Promise<Figure[]> {
  const count = sized(rig, 1000)
  const [bare, broker] = await measureInTurn(
    rig.options.rounds,
    () => throughBare(rig, count),
    () => throughBroker(rig, count),
  )
  const label = `send to handler at ${PER_SECOND} messages/s`
  return [
    figure(`${label}: p50`, 'ms', broker?.p50 ?? NaN, bare?.p50, { atMost: 3 }),
    figure(`${label}: p99`, 'ms', broker?.p99 ?? NaN, bare?.p99),
  ]
}

async function throughBroker({ broker }: Rig, count: number): Promise<Sample> {
  return withClient(broker, async (client) => {
    const sender = client.createSender('queue')
    const receiver = client.createReceiver('queue')
    const trip = new RoundTrips(count)
    receiver.subscribe(
      { processMessage: async ({ body }) => trip.arrived(body.sentAt), processError: async () => {} },
      { maxConcurrentCalls: 16 },
    )
    const sample = await trip.run((sentAt) => sender.sendMessages({ body: { sentAt }, messageId: String(sentAt) }))
    await receiver.close()
    return sample
  })
}

async function throughBare({ bare }: Rig, count: number): Promise<Sample> {
  const connection = await connectBare(bare.port)
  const sender = await openBareSender(connection, 'queue')
  const trip = new RoundTrips(count)
  connection.open_receiver({ source: 'queue', credit_window: 16 }).on('message', ({ message }) => {
    trip.arrived(JSON.parse(message.body.content.toString()).sentAt)
  })
  const sample = await trip.run(async (sentAt) => {
    sender.send({ body: rhea.message.data_section(Buffer.from(JSON.stringify({ sentAt }))) })
  })
  connection.close()
  return sample
}

/** Sends at an even pace and gathers how long each took; the first ones do not count. */
class RoundTrips {
  readonly #latencies: number[] = []
  #done: () => void = () => {}

  constructor(private readonly count: number) {}

  arrived(sentAt: number): void {
    this.#latencies.push(performance.now() - sentAt)
    if (this.#latencies.length === this.count + WARM_UP) this.#done()
  }

  async run(send: (sentAt: number) => Promise<void>): Promise<Sample> {
    const done = new Promise<void>((resolve) => {
      this.#done = resolve
    })
    const sends: Promise<void>[] = []
    const startedAt = performance.now()
    for (let sent = 0; sent < this.count + WARM_UP; sent++) {
      const due = startedAt + (sent * 1000) / PER_SECOND
      await sleep(Math.max(0, due - performance.now()))
      // Waited for at the end only: the next one is due whether or not this was acknowledged.
      sends.push(send(performance.now()))
    }
    await Promise.all([done, ...sends])
    const counted = this.#latencies.slice(WARM_UP)
    return { p50: quantile(counted, 0.5), p99: quantile(counted, 0.99) }
  }
}
