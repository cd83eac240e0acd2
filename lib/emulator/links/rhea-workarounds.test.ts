import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import rhea, { type Connection, type Delivery, type Receiver, type Sender } from 'rhea'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunningBroker } from '../start-broker'
import { outcomeOf } from './outcomes'
import type { AnyLink } from './rhea-private'
import { gatherWrites } from './rhea-workarounds'
import { connectTo, once, sendNumbered, startInProcess } from './test-connection'

const HEARTBEAT = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0])
const ACCEPTED = outcomeOf('accepted')

let broker: RunningBroker
let connection: Connection

beforeEach(async () => {
  broker = await startInProcess()
  broker.namespace.createQueue('sessions', { requiresSession: true })
  connection = connectTo(broker)
  await once(connection, 'connection_open')
})

afterEach(async () => {
  connection.close()
  await broker.close()
})

const queue = () => broker.namespace.find('open')?.queue ?? expect.fail('there is no queue')

const send = (count: number, fields: Record<string, unknown> = {}) => sendNumbered(connection, 'open', count, fields)

/** Each name is a workaround; without it the test below fails. Of `autoaccept` that is robustness/sync.test.ts. */
describe('rhea as a broker', () => {
  it('holdAttachAnswers: an attach is answered when a session is there, not before', async () => {
    const filter = { 'com.microsoft:session-filter': null } as never
    const receiver = connection.open_receiver({ source: { address: 'sessions', filter } })
    await roundTrip()
    expect(receiver.is_remote_open()).toBe(false)
    const opened = once(receiver, 'receiver_open')
    await sendNumbered(connection, 'sessions', 1, { group_id: 'first' })
    await opened
    expect((receiver as unknown as AnyLink).remote.attach?.source?.filter).toEqual({
      'com.microsoft:session-filter': 'first',
    })
  })

  it('answerIfHeld: a client that leaves while its attach waits gets both answers', async () => {
    const filter = { 'com.microsoft:session-filter': null } as never
    const receiver = connection.open_receiver({ source: { address: 'sessions', filter } })
    await send(1)
    expect(receiver.is_remote_open()).toBe(false)
    receiver.close()
    await once(receiver, 'receiver_close')
  })

  it('keepPayloadsRaw: integers keep their width', async () => {
    await send(1, { application_properties: { width: rhea.types.wrap_ushort(7) } })
    const [message] = queue().peek(0, 1)
    // 0x60 is an unsigned integer of two bytes.
    expect(message?.applicationProperties?.subarray(-3)).toEqual(Buffer.from([0x60, 0, 7]))
  })

  it('CreditLedger: a link gets what its credit allows, however much is sent in one turn', async () => {
    await send(20)
    const receiver = connection.open_receiver({ source: 'open', credit_window: 0, autoaccept: false })
    let received = 0
    receiver.on('message', () => received++)
    await once(receiver, 'receiver_open')
    receiver.add_credit(5)
    await expect.poll(() => received).toBe(5)
    await roundTrip()
    expect([received, queue().lockCount]).toEqual([5, 5])
  })

  it('CreditLedger: a drain without credit is answered', async () => {
    const receiver = connection.open_receiver({ source: 'open', credit_window: 0 }) as Receiver & { drain: boolean }
    await once(receiver, 'receiver_open')
    const drained = once(receiver, 'receiver_drained')
    receiver.drain_credit()
    await drained
  })

  it('CreditLedger: a drain behind deliveries is answered after them', async () => {
    await send(3)
    const receiver = connection.open_receiver({ source: 'open', credit_window: 0, autoaccept: false })
    let received = 0
    receiver.on('message', () => received++)
    await once(receiver, 'receiver_open')
    const drained = once(receiver, 'receiver_drained')
    receiver.add_credit(5)
    receiver.drain_credit()
    await drained
    expect(received).toBe(3)
  })

  it('settleApart: of two settlements in one turn the late one is refused, and the other is not', async () => {
    await send(2)
    const options = { credit_window: 0, autoaccept: false, autosettle: false, rcv_settle_mode: 1 } as const
    const receiver = connection.open_receiver({ source: 'open', ...options })
    const deliveries: Delivery[] = []
    receiver.on('message', ({ delivery }: { delivery: Delivery }) => deliveries.push(delivery))
    await once(receiver, 'receiver_open')
    receiver.add_credit(2)
    await expect.poll(() => deliveries.length).toBe(2)
    queue().expireAllLocks(broker.namespace.clock())
    receiver.add_credit(1)
    await expect.poll(() => deliveries.length).toBe(3)
    const answers: unknown[] = []
    receiver.on('settled', ({ delivery }: { delivery: Delivery }) => {
      const outcome = delivery.remote_state?.constructor as { composite_type?: string } | undefined
      answers.push([delivery.id, outcome?.composite_type])
    })
    for (const delivery of deliveries.slice(1)) delivery.update(false, ACCEPTED)
    await expect
      .poll(() => answers)
      .toEqual([
        [deliveries[1]?.id, 'rejected'],
        [deliveries[2]?.id, 'accepted'],
      ])
    expect(queue().store.size).toBe(1)
  })

  it('gatherWrites: the frames of one turn are one write', async () => {
    const writes: number[] = []
    const socket = new Writable({
      write: (_chunk, _encoding, done) => done(void writes.push(1)),
      writev: (chunks, done) => done(void writes.push(chunks.length)),
    }) as unknown as Socket
    gatherWrites(socket)
    for (const text of ['attach', 'detach', 'flow']) socket.write(text)
    await new Promise(setImmediate)
    expect(writes).toEqual([3])
  })

  it('acknowledgeAtOnce: input that needs no answer is answered by an empty frame', async () => {
    const { socket } = connection as unknown as { socket: Socket }
    await roundTrip()
    const answered = new Promise<Buffer>((resolve) => socket.prependOnceListener('data', resolve))
    socket.write(HEARTBEAT)
    expect(await answered).toEqual(HEARTBEAT)
  })

  it('treat_modified_as_released: a message that is deferred is not abandoned first', async () => {
    await send(1)
    const receiver = connection.open_receiver({ source: 'open', credit_window: 0, autoaccept: false })
    const delivered = new Promise<Delivery>((resolve) =>
      receiver.once('message', ({ delivery }) => resolve(delivery as Delivery)),
    )
    await once(receiver, 'receiver_open')
    receiver.add_credit(1)
    ;(await delivered).modified({ undeliverable_here: true })
    await expect.poll(() => queue().lockCount).toBe(0)
    expect(queue().store.counts).toEqual({ active: 0, deferred: 1, scheduled: 0 })
  })

  it('credit_window: a link gets the credit that the broker gives it, and a refused one none', async () => {
    const requests = connection.open_sender('$cbs') as Sender & { credit: number }
    await once(requests, 'sendable')
    await roundTrip()
    expect(requests.credit).toBe(100)
    const refused = connection.open_sender('nowhere') as Sender & { credit: number }
    await once(refused, 'sender_error')
    await roundTrip()
    expect(refused.credit).toBe(0)
  })
})

/** The broker has read and answered everything that was sent before. */
async function roundTrip(): Promise<void> {
  const sender = connection.open_sender('open')
  await once(sender, 'sendable')
  sender.close()
  await once(sender, 'sender_close')
}
