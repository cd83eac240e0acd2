import { connect, type Socket } from 'node:net'
import { ServiceBusClient } from '@azure/service-bus'
import fc from 'fast-check'
import rhea, { type Connection, type Sender } from 'rhea'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'

const CASES = Number(process.env.FUZZ_CASES ?? 60)
const AMQP_HEADER = Buffer.from('AMQP\0\x01\0\0', 'latin1')
const SASL_HEADER = Buffer.from('AMQP\x03\x01\0\0', 'latin1')

let broker: TestBroker

beforeAll(async () => {
  broker = await testBroker({ queues: { large: {}, open: {} } })
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

function once(emitter: { once(event: string, listener: () => void): unknown }, event: string): Promise<void> {
  return new Promise((resolve) => emitter.once(event, () => resolve()))
}

/** A frame around a body: the fuzzed part is what the decoder has to survive. */
function frame(type: number, channel: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length, 0)
  head[4] = 2
  head[5] = type
  head.writeUInt16BE(channel, 6)
  return Buffer.concat([head, body])
}

describe('whatever bytes a client sends, the broker goes on', () => {
  it('after random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        await throwAt(Buffer.from(bytes))
      }),
      { numRuns: CASES },
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
      fc.asyncProperty(fc.constantFrom(AMQP_HEADER, SASL_HEADER), frames, async (header, list) => {
        await throwAt(Buffer.concat([header, ...list.map(([type, channel, bytes]) => frame(type, channel, bytes))]))
      }),
      { numRuns: CASES },
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
      fc.asyncProperty(fc.string({ maxLength: 200, unit: 'binary-ascii' }), async (text) => {
        await throwAt(Buffer.from(`GET ${text}`))
      }),
      { numRuns: CASES / 4 },
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

  it('give a refused link no credit', async () => {
    const connection = openGeneric()
    const sender = connection.open_sender('no-such-queue') as Sender & { credit: number }
    await once(sender, 'sender_error')
    // A round trip later everything that belonged to the refusal has arrived.
    const good = connection.open_sender('open') as Sender & { credit: number }
    await once(good, 'sendable')
    expect(sender.credit).toBe(0)
    expect(good.credit).toBeGreaterThan(0)
    connection.close()
    await once(connection, 'connection_close')
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

  it('refuse a wrong PLAIN password, and links without a right', async () => {
    const wrong = openGeneric({ password: 'wrong' })
    await once(wrong, 'connection_error')
    const anonymous = openGeneric({ password: undefined })
    const receiver = anonymous.open_receiver('open')
    await once(receiver, 'receiver_error')
    expect(receiver.error).toMatchObject({ condition: 'amqp:unauthorized-access' })
    anonymous.close()
    await once(anonymous, 'connection_close')
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
    const stopped = await left()
    expect(stopped).toBeGreaterThan(5)
    await expect.poll(left).toBe(stopped)
    socket.resume()
    await expect.poll(() => received, { timeout: 20_000 }).toBe(40)
    connection.close()
    await once(connection, 'connection_close')
  })
})
