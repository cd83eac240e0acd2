import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Connection, Delivery, Receiver } from 'rhea'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunningBroker } from '../start-broker'
import { LOCK_LOST } from './amqp-error'
import { outcomeOf } from './outcomes'
import { connectTo, once, sendNumbered, startInProcess } from './test-connection'

/** More than the 2,048 deliveries that rhea's ring has room for. */
const MANY = 2_200
const BODY_BYTES = 900_000
const ACCEPTED = outcomeOf('accepted')

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

let broker: RunningBroker
let connection: Connection

beforeEach(async () => {
  broker = await startInProcess()
  const { queue } = broker.namespace.find('open') ?? expect.fail('there is no queue')
  queue.changeProperties({ ...queue.properties, maxDeliveryCount: Infinity }, broker.namespace.clock())
  // The client's own ring must not be the one that fills up, and with each delivery it keeps the frame of its tag.
  connection = connectTo(broker, { session_buffer_size: 16_384, max_frame_size: 16_384 })
  await once(connection, 'connection_open')
})

afterEach(async () => {
  connection.close()
  await broker.close()
})

const queue = () => broker.namespace.find('open')?.queue ?? expect.fail('there is no queue')

/** What all buffers of this process take. */
function bytesInUse(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

const send = (count: number) => sendNumbered(connection, 'open', count, {})

/** A receiver that settles nothing of its own accord, as the official clients do. */
async function openReceiver(onDelivery: (delivery: Delivery) => void): Promise<Receiver> {
  const options = { credit_window: 0, autoaccept: false, autosettle: false, rcv_settle_mode: 1 } as const
  const receiver = connection.open_receiver({ source: 'open', ...options })
  receiver.on('message', ({ delivery }: { delivery: Delivery }) => onDelivery(delivery))
  await once(receiver, 'receiver_open')
  return receiver
}

describe('what a session has sent', () => {
  it('does not stop behind one delivery that its client never settles', async () => {
    await send(MANY)
    let received = 0
    let settled = 0
    const receiver = await openReceiver((delivery) => {
      if (received++ > 0) delivery.update(false, ACCEPTED)
    })
    receiver.on('settled', ({ delivery }: { delivery: Delivery }) => {
      settled++
      delivery.update(true)
    })
    receiver.add_credit(MANY)
    await expect.poll(() => settled, { timeout: 20_000 }).toBe(MANY - 1)
    await expect.poll(() => queue().store.size).toBe(1)
  })

  it('has no end before all messages are locked', async () => {
    await send(MANY)
    let received = 0
    const receiver = await openReceiver(() => received++)
    receiver.add_credit(MANY)
    await expect.poll(() => received, { timeout: 20_000 }).toBe(MANY)
    expect(queue().lockCount).toBe(MANY)
  })

  it('is forgotten when its lock ends: a settlement after that is refused, and is none of a later delivery', async () => {
    await send(1)
    const deliveries: Delivery[] = []
    const receiver = await openReceiver((delivery) => deliveries.push(delivery))
    for (let round = 1; round <= MANY; round++) {
      receiver.add_credit(1)
      while (deliveries.length < round) await new Promise(setImmediate)
      if (round < MANY) queue().expireAllLocks(broker.namespace.clock())
    }
    const answers: unknown[] = []
    receiver.on('settled', ({ delivery }: { delivery: Delivery }) => {
      const outcome = delivery.remote_state as { error?: { condition?: string } } | undefined
      answers.push([delivery.id, outcome?.error?.condition])
    })
    // The ring had one place for these and the last one.
    for (const delivery of deliveries.slice(-2052, -1)) delivery.update(false, ACCEPTED)
    await expect.poll(() => answers.length, { timeout: 20_000 }).toBe(2051)
    expect(new Set(answers.map((answer) => (answer as unknown[])[1]))).toEqual(new Set([LOCK_LOST.condition]))
    expect([queue().lockCount, queue().store.size]).toEqual([1, 1])
  })

  it('is not kept with its bytes, nor its message, when its lock has ended', async () => {
    const count = 60
    const other = connectTo(broker)
    await sendNumbered(other, 'open', count, { body: Buffer.alloc(BODY_BYTES) })
    let received = 0
    const receiver = await openReceiver(() => received++)
    receiver.add_credit(count)
    await expect.poll(() => received, { timeout: 20_000 }).toBe(count)
    // All that is large here: the messages of the queue.
    await expect.poll(bytesInUse).toBeLessThan(1.5 * count * BODY_BYTES)
    expect(bytesInUse()).toBeGreaterThan(count * BODY_BYTES)
    queue().expireAllLocks(broker.namespace.clock())
    other.open_receiver({ source: 'open', credit_window: count, autoaccept: true })
    await expect.poll(() => queue().store.size, { timeout: 20_000 }).toBe(0)
    other.close()
    await expect.poll(bytesInUse).toBeLessThan(0.5 * count * BODY_BYTES)
  })
})

describe('an answer', () => {
  it.each([
    ['with its transfer', undefined, true],
    ['right after its transfer, for a client that wants none settled before', 0 as const, false],
  ])('is settled %s', async (_, mode, withTransfer) => {
    const answers = connection.open_receiver({
      source: 'open/$management',
      target: 'answers',
      autoaccept: false,
      ...(mode !== undefined && { snd_settle_mode: mode }),
    })
    const requests = connection.open_sender('open/$management')
    await Promise.all([once(answers, 'receiver_open'), once(requests, 'sendable')])
    const answered = new Promise<boolean>((resolve) =>
      answers.once('message', ({ delivery }) => resolve(delivery?.remote_settled ?? false)),
    )
    let settled = withTransfer
    answers.once('settled', () => {
      settled = true
    })
    requests.send({ reply_to: 'answers', application_properties: { operation: 'nonsense' }, body: null })
    expect(await answered).toBe(withTransfer)
    await expect.poll(() => settled).toBe(true)
  })

  it('is settled for a client that never does it: more than 2,048 requests are answered', async () => {
    const options = { target: 'answers', autoaccept: false, autosettle: false, snd_settle_mode: 0 } as const
    const answers = connection.open_receiver({ source: 'open/$management', ...options })
    const requests = connection.open_sender('open/$management')
    await Promise.all([once(answers, 'receiver_open'), once(requests, 'sendable')])
    let settled = 0
    answers.on('settled', () => settled++)
    let sent = 0
    const ask = () => {
      for (; sent < MANY && requests.sendable(); sent++)
        requests.send({ reply_to: 'answers', application_properties: { operation: 'nonsense' }, body: null })
    }
    requests.on('sendable', ask)
    ask()
    await expect.poll(() => settled, { timeout: 20_000 }).toBe(MANY)
  })
})
