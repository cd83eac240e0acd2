import { connect, type Socket } from 'node:net'
import type { Connection } from 'rhea'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunningBroker } from '../start-broker'
import { connectTo, once, startInProcess } from './test-connection'
import { FIELD, frame, performative } from './test-frame'

const SASL_HEADER = Buffer.from('AMQP\x03\x01\0\0', 'latin1')
const AMQP_HEADER = Buffer.from('AMQP\0\x01\0\0', 'latin1')
const [OPEN, ATTACH, TRANSFER, DISPOSITION, SASL_INIT] = [0x10, 0x12, 0x14, 0x15, 0x41]
/** Quick to make for who believes in it, so that a broker that does fails these tests instead of ending them. */
const MANY = 1_000_000

let broker: RunningBroker
const logged: string[] = []

beforeEach(async () => {
  logged.length = 0
  broker = await startInProcess({ limits: { maxLinksPerConnection: 4 }, log: (message) => logged.push(message) })
})

afterEach(() => broker.close())

/** A connection that is open, and its socket to write frames to that no client would. */
async function openConnection(): Promise<{ connection: Connection; socket: Socket; ended: Promise<void> }> {
  const connection = connectTo(broker)
  const ended = once(connection, 'disconnected')
  await once(connection, 'connection_open')
  return { connection, socket: (connection as unknown as { socket: Socket }).socket, ended }
}

/** Resolves when the broker has ended the connection. */
function throwAt(...parts: Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(broker.port, '127.0.0.1', () => socket.write(Buffer.concat(parts)))
    socket.on('error', () => {})
    socket.on('data', () => {})
    socket.once('close', () => resolve())
  })
}

async function expectAlive(): Promise<void> {
  const { connection } = await openConnection()
  await once(connection.open_receiver('open'), 'receiver_open')
  connection.close()
}

/** Each name is a defence; without it the test below fails. `limitFrameSize` is in robustness/limits.test.ts. */
describe('rhea believes a peer', () => {
  it('refuseArrayBombs: that an array has as many elements as it says, before any token', async () => {
    await throwAt(SASL_HEADER, frame(performative(SASL_INIT, FIELD.nulls(MANY)), { type: 1 }))
    await throwAt(AMQP_HEADER, frame(performative(OPEN, FIELD.text('c'), FIELD.text('h'), FIELD.nulls(MANY))))
    expect(logged).toEqual(Array(2).fill(expect.stringContaining('an array announces more elements')))
    await expectAlive()
  })

  it('refuseArrayBombs: also within an array, a list and a descriptor, but lets true ones pass', async () => {
    const { connection } = await openConnection()
    const inner = FIELD.nulls(MANY)
    const nested = Buffer.concat([Buffer.from([0xf0, 0, 0, 0, 14, 0, 0, 0, 1]), inner])
    const described = Buffer.concat([Buffer.from([0]), inner, FIELD.yes])
    for (const bomb of [nested, performative(1, inner), described]) {
      await throwAt(SASL_HEADER, frame(performative(SASL_INIT, bomb), { type: 1 }))
    }
    const filter = { numbers: Array.from({ length: 300 }, (_, number) => number), text: '\u{1f680}'.repeat(100) }
    const receiver = connection.open_receiver({ source: { address: 'open', filter: filter as never } })
    await once(receiver, 'receiver_open')
    connection.close()
  })

  it('decodeRequest: the same in a request, whose link is closed', async () => {
    const { connection } = await openConnection()
    const requests = connection.open_sender('$cbs')
    await once(requests, 'sendable')
    const body = Buffer.concat([Buffer.from([0, 0x53, 0x77]), FIELD.nulls(MANY)])
    requests.send(body, undefined, 0)
    await once(requests, 'sender_error')
    expect(requests.error).toMatchObject({ condition: 'amqp:decode-error' })
    connection.close()
  })

  it('limitDispositions: that a disposition names as many deliveries as it says', async () => {
    const { connection, socket, ended } = await openConnection()
    await once(connection.open_receiver('open'), 'receiver_open')
    for (const isReceiver of [FIELD.yes, FIELD.no]) {
      socket.write(frame(performative(DISPOSITION, isReceiver, FIELD.uint(0), FIELD.uint(MANY), FIELD.yes)))
    }
    await ended
    expect(logged[0]).toContain('a disposition names more deliveries')
    await expectAlive()
  })

  it('keepPayloadsRaw: that it may send on a link that was refused', async () => {
    const { connection, socket, ended } = await openConnection()
    connection.open_sender('nowhere')
    // The attach is written; its refusal is not read yet.
    await new Promise(setImmediate)
    const transfer = [FIELD.uint(0), FIELD.uint(0), FIELD.binary('tag'), FIELD.uint(0), FIELD.no, FIELD.yes]
    socket.write(frame(Buffer.concat([performative(TRANSFER, ...transfer), Buffer.alloc(100)])))
    await ended
    expect(logged[0]).toContain('a link that was not opened')
    await expectAlive()
  })

  it('sessions: that it may begin as many as it likes', async () => {
    const { connection, ended } = await openConnection()
    for (let number = 0; number < 5; number++) connection.create_session().begin()
    await ended
    expect(logged[0]).toContain('too many sessions')
    await expectAlive()
  })

  it('attached: that it closes the links that were refused', async () => {
    const { connection, socket, ended } = await openConnection()
    await once(connection.open_receiver('open'), 'receiver_open')
    const source = performative(0x28, FIELD.text('nowhere'))
    const attaches = Array.from({ length: 9 }, (_, number) =>
      frame(
        performative(
          ATTACH,
          ...[FIELD.text(`link-${number}`), FIELD.uint(number + 1), FIELD.yes, FIELD.none, FIELD.none, source],
        ),
      ),
    )
    // In one write: the client's own answers to the refusals come too late.
    socket.write(Buffer.concat(attaches))
    await ended
    expect(logged[0]).toContain('too many refused links')
    await expectAlive()
  })
})
