import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import rhea, { type Connection, type Delivery, type Receiver } from 'rhea'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunningBroker } from '../start-broker'
import { outcomeOf } from './outcomes'
import type { AnyLink } from './rhea-private'
import { gatherWrites } from './rhea-workarounds'
import { connectTo, once, sendNumbered, startInProcess } from './test-connection'

const HEARTBEAT = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0])
const FLOW = 0x13
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

/** Each name is a workaround; without it the test below fails. */
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

  it('settleWithOutcome: deliveries go on past the 2,048 that rhea keeps', async () => {
    await send(2_100)
    // Settled in the second step, as the official client does it.
    const receiver = connection.open_receiver({
      source: 'open',
      credit_window: 100,
      autoaccept: false,
      autosettle: false,
      rcv_settle_mode: 1,
    })
    let settled = 0
    receiver.on('message', ({ delivery }: { delivery?: Delivery }) => delivery?.update(false, ACCEPTED))
    receiver.on('settled', ({ delivery }: { delivery?: Delivery }) => {
      settled++
      delivery?.update(true)
    })
    await expect.poll(() => settled, { timeout: 20_000 }).toBe(2_100)
    await expect.poll(() => queue().store.size).toBe(0)
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

  it('credit_window 0: nothing tells a refused sender that it may send', async () => {
    const frames = await framesAfterRefusal()
    expect(frames.filter(({ code }) => code === 0x12)).not.toEqual([])
    expect(frames.filter(({ code }) => code === 0x16)).not.toEqual([])
    expect(frames.filter(({ code }) => code === FLOW)).toEqual([])
  })
})

/** The broker has read and answered everything that was sent before. */
async function roundTrip(): Promise<void> {
  const sender = connection.open_sender('open')
  await once(sender, 'sendable')
  sender.close()
  await once(sender, 'sender_close')
}

/** What the broker writes about a sender to a queue that is not there: performatives by their code. */
async function framesAfterRefusal(): Promise<{ code: number }[]> {
  const raw = connectTo(broker)
  await once(raw, 'connection_open')
  const { socket } = raw as unknown as { socket: Socket }
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const refused = raw.open_sender('nowhere')
  await once(refused, 'sender_error')
  // Its answer comes after all that a refusal brings, however late.
  const receiver = raw.open_receiver({ source: 'open', credit_window: 0 })
  await once(receiver, 'receiver_open')
  raw.close()
  await once(raw, 'connection_close')
  return splitFrames(Buffer.concat(chunks))
}

function splitFrames(bytes: Buffer): { code: number }[] {
  const frames: { code: number }[] = []
  for (let at = 0; at + 8 <= bytes.length; at += bytes.readUInt32BE(at)) {
    if (bytes.readUInt32BE(at) > 8) frames.push({ code: bytes[at + 10] as number })
  }
  return frames
}
