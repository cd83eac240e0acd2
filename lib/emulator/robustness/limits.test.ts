import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sender } from 'rhea'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from '@/lib/testing/test-authority'
import { connectTo, once, startInProcess } from '../links/test-connection'
import { FIELD, frame, performative } from '../links/test-frame'
import { putToken, signToken } from '../links/test-token'
import type { RunningBroker } from '../start-broker'

let broker: RunningBroker

afterEach(() => broker?.close())

describe('limits', () => {
  it('refuse a link above the number that a connection may have, and leave the others', async () => {
    broker = await startInProcess({ limits: { maxLinksPerConnection: 3 } })
    const connection = connectTo(broker)
    const links = [0, 1, 2].map((number) => connection.open_receiver({ name: `r${number}`, source: 'open' }))
    await Promise.all(links.map((link) => once(link, 'receiver_open')))
    const extra = connection.open_receiver({ name: 'extra', source: 'open' })
    await once(extra, 'receiver_error')
    expect(extra.error).toMatchObject({ condition: 'amqp:resource-limit-exceeded' })
    links[0]?.close()
    await once(links[0] as never, 'receiver_close')
    const another = connection.open_receiver({ name: 'another', source: 'open' })
    await once(another, 'receiver_open')
    expect(another.is_open() && links[1]?.is_open()).toBe(true)
    connection.close()
  })

  it('turn away connections above their number, until one is gone', async () => {
    broker = await startInProcess({ limits: { maxConnections: 2 } })
    const [first, second] = [connectTo(broker), connectTo(broker)]
    await Promise.all([first, second].map((connection) => once(connection, 'connection_open')))
    expect(await isTurnedAway(broker.port)).toBe(true)
    first.close()
    await once(first, 'connection_close')
    await expect.poll(() => isTurnedAway(broker.port)).toBe(false)
    second.close()
  })

  it('end a connection whose client announces frames above the frame size, not one within it', async () => {
    broker = await startInProcess({ limits: { maxFrameBytes: 1024 } })
    const within = connectTo(broker)
    await once(within, 'connection_open')
    expect(await endsAfterFrame(broker.port, 4096)).toBe(true)
    expect(await endsAfterFrame(broker.port, 512)).toBe(false)
    within.close()
  })

  it('refuse a message above the size limit, although a client sends it, and keep none of it', async () => {
    broker = await startInProcess({ limits: { maxMessageBytes: 100_000 } })
    const connection = connectTo(broker)
    const sender = connection.open_sender('open')
    await once(sender, 'sendable')
    sender.send({ body: Buffer.alloc(300_000) })
    await once(sender, 'rejected')
    sender.send({ body: Buffer.alloc(50_000) })
    await once(sender, 'accepted')
    expect(broker.namespace.find('open')?.queue.store.size).toBe(1)
    connection.close()
  })
})

describe('a client that does not read', () => {
  it('is served no further requests until it reads, and then all', async () => {
    broker = await startInProcess({ limits: { maxUnreadBytes: 300_000 } })
    const connection = connectTo(broker)
    const sender = connection.open_sender('open')
    await once(sender, 'sendable')
    for (let number = 0; number < 5; number++) {
      sender.send({ body: Buffer.alloc(200_000) })
      await once(sender, 'accepted')
    }
    const answers = connection.open_receiver({ source: 'open/$management', target: 'answers' })
    const requests = connection.open_sender('open/$management')
    await Promise.all([once(answers, 'receiver_open'), once(requests, 'sendable')])
    let answered = 0
    answers.on('message', () => answered++)
    const { socket } = connection as unknown as { socket: Socket }
    socket.pause()
    // A megabyte each: more than the kernel takes for a client that does not read.
    for (let number = 0; number < 40; number++) ask(requests, 'peek-message', { 'message-count': 5 })
    ask(requests, 'batch-delete-messages', { 'message-count': 5 })
    const other = connectTo(broker)
    await once(other, 'connection_open')
    for (let trip = 0; trip < 10; trip++) await once(other.open_receiver('open/$management'), 'receiver_open')
    other.close()
    const { store } = broker.namespace.find('open')?.queue ?? expect.fail('there is no queue')
    expect(store.size).toBe(5)
    socket.resume()
    await expect.poll(() => answered, { timeout: 20_000 }).toBe(41)
    expect(store.size).toBe(0)
    connection.close()
  })

  it('loses the link on which it takes no answers', async () => {
    broker = await startInProcess({ limits: { maxUnreadBytes: 300_000 } })
    const connection = connectTo(broker)
    const sender = connection.open_sender('open')
    await once(sender, 'sendable')
    sender.send({ body: Buffer.alloc(200_000) })
    await once(sender, 'accepted')
    const answers = connection.open_receiver({ source: 'open/$management', target: 'answers', credit_window: 0 })
    const requests = connection.open_sender('open/$management')
    await Promise.all([once(answers, 'receiver_open'), once(requests, 'sendable')])
    for (let number = 0; number < 2; number++) ask(requests, 'peek-message', {})
    await once(answers, 'receiver_error')
    expect(answers.error).toMatchObject({ condition: 'amqp:resource-limit-exceeded' })
    connection.close()
  })
})

describe('a client that asks for too much at once', () => {
  it('loses the link of its request, before a token was shown too', async () => {
    broker = await startInProcess({ limits: { maxMessageBytes: 20_000 } })
    const anonymous = connectTo(broker, { password: undefined })
    const tokens = anonymous.open_sender('$cbs')
    await once(tokens, 'sendable')
    tokens.send({ body: Buffer.alloc(70_000) })
    await once(tokens, 'sender_error')
    expect(tokens.error).toMatchObject({ condition: 'amqp:link:message-size-exceeded' })
    const connection = connectTo(broker)
    const requests = connection.open_sender('open/$management')
    await once(requests, 'sendable')
    requests.send({ body: Buffer.alloc(100_000) })
    await once(requests, 'sender_error')
    expect(requests.error).toMatchObject({ condition: 'amqp:link:message-size-exceeded' })
    for (const one of [anonymous, connection]) one.close()
  })
})

describe('a client that connects and says too little', () => {
  let tls: { cert: string; key: string }
  beforeAll(() => {
    tls = makeCertificate()
  })

  it.each([
    ['nothing', ''],
    ['half a TLS handshake', '\x16\x03\x01'],
    ['a protocol header', 'AMQP\x03\x01\0\0'],
    ['half an HTTP request', 'GET /health HTTP/1.1\r\nHost:'],
    ['an HTTP request with half its body', 'PUT /q HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\n<a>'],
  ])('is cut off after a time: %s', async (_, bytes) => {
    broker = await startInProcess({ limits: { maxOpeningMs: 300 }, tls })
    const connection = connectTo(broker)
    await once(connection, 'connection_open')
    await new Promise<void>((resolve) => {
      const socket = connect(broker.port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
      socket.on('error', () => {})
      socket.on('data', () => {})
      socket.once('close', () => resolve())
    })
    // It has been open for longer than that, and said nothing since.
    await once(connection.open_receiver('open'), 'receiver_open')
    connection.close()
  })
})

describe('a connection that is open and silent', () => {
  it('is closed after a time, one whose client sends empty frames is not', async () => {
    broker = await startInProcess({ limits: { maxSilenceMs: 400 } })
    const connection = connectTo(broker)
    await once(connection, 'connection_open')
    const open = frame(performative(0x10, FIELD.text('container'), FIELD.text('host')))
    await new Promise<void>((resolve) => {
      const socket = connect(broker.port, '127.0.0.1', () =>
        socket.write(Buffer.concat([Buffer.from('AMQP\0\x01\0\0', 'latin1'), open])),
      )
      socket.on('error', () => {})
      socket.on('data', () => {})
      socket.once('close', () => resolve())
    })
    await once(connection.open_receiver('open'), 'receiver_open')
    connection.close()
  })
})

describe('a link whose token has run out', () => {
  it('is detached, unless the token was renewed', async () => {
    let nowMs = Date.now()
    broker = await startInProcess({ clock: () => nowMs })
    const connection = connectTo(broker, { password: undefined })
    await once(connection, 'connection_open')
    const show = async () => {
      const token = signToken(broker.rootKey, 'sb://127.0.0.1/open', nowMs + 60_000)
      expect(await putToken(connection, 'open', token)).toMatchObject({ status: 202 })
    }
    await show()
    const link = connection.open_receiver('open')
    await once(link, 'receiver_open')
    nowMs += 30_000
    await show()
    const lost = once(link, 'receiver_error')
    nowMs += 40_000
    expect(link.is_open()).toBe(true)
    nowMs += 30_000
    await lost
    expect(link.error).toMatchObject({ condition: 'amqp:unauthorized-access' })
    expect(String((link.error as { description?: string }).description)).toContain('ExpiredToken')
    connection.close()
  })
})

function ask(requests: Sender, operation: string, body: Record<string, unknown>): void {
  const application_properties = { operation: `com.microsoft:${operation}` }
  requests.send({ message_id: '1', reply_to: 'answers', application_properties, body })
}

function makeCertificate() {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-limits-'))
  const { certFile, keyFile } = makeAuthority(directory)
  const tls = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  rmSync(directory, { recursive: true })
  return tls
}

function isTurnedAway(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('AMQP\x03\x01\0\0', 'latin1'))
    socket.on('error', () => resolve(true))
    socket.once('close', () => resolve(true))
    socket.once('data', () => {
      resolve(false)
      socket.destroy()
    })
  })
}

/** Whether the broker ends a connection that announces this frame, instead of waiting for all of it. */
function endsAfterFrame(port: number, bytes: number): Promise<boolean> {
  return new Promise((resolve) => {
    const head = Buffer.alloc(16)
    head.writeUInt32BE(bytes)
    head[4] = 2
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.concat([Buffer.from('AMQP\0\x01\0\0', 'latin1'), head]))
      setTimeout(() => {
        resolve(false)
        socket.destroy()
      }, 500)
    })
    socket.on('data', () => {})
    socket.on('error', () => {})
    socket.once('close', () => resolve(true))
  })
}
