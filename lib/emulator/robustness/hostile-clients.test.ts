import { connect, type Socket } from 'node:net'
import { ServiceBusClient } from '@azure/service-bus'
import fc from 'fast-check'
import rhea, { type Connection } from 'rhea'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'
import { once } from '../links/test-connection'
import { frame } from '../links/test-frame'

const CASES = Number(process.env.FUZZ_CASES ?? 60)
/** Connections that are thrown at together: many of them only wait. */
const AT_ONCE = 6
const AMQP_HEADER = Buffer.from('AMQP\0\x01\0\0', 'latin1')
const SASL_HEADER = Buffer.from('AMQP\x03\x01\0\0', 'latin1')

let broker: TestBroker

beforeAll(async () => {
  broker = await testBroker({ queues: { large: {}, open: {}, recorded: {} } })
})

afterAll(() => broker?.close())

/** Writes bytes and resolves when the broker has ended the connection, or after a moment when it waits for more. */
function throwAt(bytes: Buffer): Promise<'ended' | 'waiting'> {
  return new Promise((resolve) => {
    const socket: Socket = connect(broker.port, '127.0.0.1', () => socket.write(bytes))
    const giveUp = setTimeout(() => {
      socket.destroy()
      resolve('waiting')
    }, 100)
    socket.on('error', () => {})
    socket.on('data', () => {})
    socket.on('close', () => {
      clearTimeout(giveUp)
      resolve('ended')
    })
  })
}

function severally<Value>(one: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> {
  return fc.array(one, { minLength: AT_ONCE, maxLength: AT_ONCE })
}

async function expectAlive(): Promise<void> {
  const client = new ServiceBusClient(broker.connectionString)
  await client.createSender('open').sendMessages({ body: 1 })
  await client.close()
}

/** A generic AMQP client that proves itself with PLAIN. */
function openGeneric(options: Record<string, unknown> = {}): Connection {
  const [, username, password] =
    /SharedAccessKeyName=([^;]+);SharedAccessKey=([^;]+)/.exec(broker.connectionString) ?? []
  return rhea.create_container().connect({
    host: '127.0.0.1',
    port: broker.port,
    username: username as string,
    password: password as string,
    reconnect: false,
    ...options,
  } as never)
}

/** All that a client writes which signs in, sends, receives, settles, asks `$management`, drains and leaves. */
async function recordClient(): Promise<Buffer> {
  const connection = openGeneric()
  const { socket } = connection as unknown as { socket: Socket }
  const chunks: Buffer[] = []
  const write = socket.write.bind(socket) as (chunk: Buffer) => boolean
  socket.write = ((chunk: Buffer) => {
    chunks.push(Buffer.from(chunk))
    return write(chunk)
  }) as typeof socket.write
  const sender = connection.open_sender('recorded')
  await once(sender, 'sendable')
  for (let body = 0; body < 3; body++) sender.send({ body, application_properties: { body }, group_id: 'g' })
  await once(sender, 'accepted')
  const receiver = connection.open_receiver({ source: 'recorded', credit_window: 0, autoaccept: false })
  await once(receiver, 'receiver_open')
  const outcomes = ['accept', 'release', 'reject'] as const
  let settled = 0
  receiver.on('message', ({ delivery }) => {
    const outcome = outcomes[settled++]
    if (outcome) delivery?.[outcome]()
  })
  receiver.add_credit(outcomes.length)
  await expect.poll(() => settled).toBe(outcomes.length)
  const answers = connection.open_receiver({ source: 'recorded/$management', target: 'answers' })
  const requests = connection.open_sender('recorded/$management')
  await Promise.all([once(answers, 'receiver_open'), once(requests, 'sendable')])
  const application_properties = { operation: 'com.microsoft:peek-message' }
  requests.send({ message_id: '1', reply_to: 'answers', application_properties, body: { 'message-count': 5 } })
  await once(answers, 'message')
  const drained = once(receiver, 'receiver_drained')
  receiver.add_credit(5)
  receiver.drain_credit()
  await drained
  connection.close()
  await once(connection, 'connection_close')
  return Buffer.concat(chunks)
}

describe('whatever bytes a client sends, the broker goes on', () => {
  it('after random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(severally(fc.uint8Array({ minLength: 1, maxLength: 300 })), async (all) => {
        await Promise.all(all.map((bytes) => throwAt(Buffer.from(bytes))))
      }),
      { numRuns: CASES / AT_ONCE },
    )
    await expectAlive()
  })

  it('after frames with random bodies, behind each protocol header', async () => {
    // Descriptors of the performatives (open 0x10 … close 0x18, SASL 0x40 …), lists and garbage after them.
    const body = fc
      .tuple(
        fc.constantFrom(0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x41),
        fc.uint8Array({ maxLength: 60 }),
      )
      .map(([code, rest]) => Buffer.concat([Buffer.from([0, 0x53, code, 0xc0, rest.length + 1, 3]), rest]))
    const frames = fc.array(
      fc.tuple(fc.constantFrom(0, 1), fc.nat({ max: 3 }), fc.oneof(body, fc.uint8Array({ maxLength: 60 }))),
      {
        maxLength: 6,
      },
    )
    await fc.assert(
      fc.asyncProperty(severally(fc.tuple(fc.constantFrom(AMQP_HEADER, SASL_HEADER), frames)), async (all) => {
        const thrown = all.map(([header, list]) =>
          throwAt(Buffer.concat([header, ...list.map(([type, channel, bytes]) => frame(bytes, { type, channel }))])),
        )
        await Promise.all(thrown)
      }),
      { numRuns: CASES / AT_ONCE },
    )
    await expectAlive()
  })

  it('after what a true client says, with some bytes changed or its end cut off', async () => {
    const said = await recordClient()
    const change = fc.tuple(fc.nat({ max: said.length - 1 }), fc.nat({ max: 255 }))
    const spoilt = fc.tuple(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat({ max: said.length }))
    await fc.assert(
      fc.asyncProperty(severally(spoilt), async (all) => {
        const thrown = all.map(([changes, cut]) => {
          const bytes = Buffer.from(said)
          for (const [at, byte] of changes) bytes[at] = byte
          return throwAt(cut % 4 === 0 ? bytes.subarray(0, cut) : bytes)
        })
        await Promise.all(thrown)
      }),
      { numRuns: (2 * CASES) / AT_ONCE },
    )
    await expectAlive()
  })

  it('after random HTTP requests', async () => {
    const request = fc.record({
      method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH'),
      path: fc.string({ maxLength: 40, unit: 'binary-ascii' }),
      authorization: fc.option(
        fc.string({ maxLength: 60 }).map((text) => `SharedAccessSignature ${encodeURIComponent(text)}`),
      ),
      body: fc.string({ maxLength: 200 }),
    })
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, authorization, body }) => {
        const response = await fetch(`http://127.0.0.1:${broker.port}/${encodeURIComponent(path)}`, {
          method,
          headers: authorization ? { authorization } : {},
          ...(method !== 'GET' && { body }),
        })
        await response.text()
        expect(response.status).toBeLessThan(500)
      }),
      { numRuns: CASES },
    )
    await fc.assert(
      fc.asyncProperty(severally(fc.string({ maxLength: 200, unit: 'binary-ascii' })), async (all) => {
        await Promise.all(all.map((text) => throwAt(Buffer.from(`GET ${text}`))))
      }),
      { numRuns: CASES / AT_ONCE },
    )
    await expectAlive()
  })

  it('and the body of an HTTP request is bounded', async () => {
    const response = await fetch(`http://127.0.0.1:${broker.port}/q`, { method: 'PUT', body: 'x'.repeat(300_000) })
    expect(response.status).toBe(413)
  })
})

describe('limits', () => {
  it('end a connection that announces a frame above the frame size', async () => {
    const huge = Buffer.alloc(16)
    huge.writeUInt32BE(0x7fffffff, 0)
    expect(await throwAt(Buffer.concat([AMQP_HEADER, huge]))).toBe('ended')
  })

  it('end a connection that speaks no known protocol', async () => {
    expect(await throwAt(Buffer.from([0xff, 1, 2, 3]))).toBe('ended')
    expect(await throwAt(Buffer.from('lower case'))).toBe('ended')
  })

  it('end an answer link whose client asks without end and takes no answer', async () => {
    const connection = openGeneric()
    const answers = connection.open_receiver({
      name: 'answers',
      source: { address: 'open/$management' },
      target: { address: 'answers' },
      credit_window: 0,
    })
    await once(answers, 'receiver_open')
    const requests = connection.open_sender('open/$management')
    let sent = 0
    requests.on('sendable', () => {
      for (; sent < 2200 && requests.sendable(); sent++) {
        requests.send({ reply_to: 'answers', application_properties: { operation: 'nonsense' }, body: null })
      }
    })
    await once(answers, 'receiver_error')
    expect(answers.error).toMatchObject({ condition: 'amqp:resource-limit-exceeded' })
    await expectAlive()
    connection.close()
    await once(connection, 'connection_close')
  })

  it('stop delivering to a client that does not read, and go on when it reads', async () => {
    const sending = new ServiceBusClient(broker.connectionString)
    const sender = sending.createSender('large')
    const body = 'x'.repeat(900_000)
    for (let number = 0; number < 40; number++) await sender.sendMessages({ body })
    await sending.close()
    const connection = openGeneric()
    await once(connection, 'connection_open')
    const { socket } = connection as unknown as { socket: Socket }
    let received = 0
    connection.on('message', () => {
      if (received++ === 0) socket.pause()
    })
    connection.open_receiver({
      source: { address: 'large' },
      credit_window: 100,
      snd_settle_mode: 1,
      autoaccept: false,
    })
    const left = async () =>
      (await administrationClient(broker.connectionString).getQueueRuntimeProperties('large')).totalMessageCount ?? 0
    await expect.poll(left, { timeout: 10_000 }).toBeLessThan(40)
    await expect.poll(() => socket.isPaused(), { timeout: 10_000 }).toBe(true)
    const stopped = await left()
    expect(stopped).toBeGreaterThan(5)
    await expect.poll(left).toBe(stopped)
    socket.resume()
    await expect.poll(() => received, { timeout: 20_000 }).toBe(40)
    connection.close()
    await once(connection, 'connection_close')
  })
})
