import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { connectTo, once, startInProcess } from '../links/test-connection'
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

describe('a link whose token has run out', () => {
  it('is detached, unless the token was renewed', async () => {
    let nowMs = Date.now()
    broker = await startInProcess({ clock: () => nowMs })
    const connection = connectTo(broker, { password: undefined })
    await once(connection, 'connection_open')
    await putToken(connection, broker, 'open', nowMs + 60_000)
    const link = connection.open_receiver('open')
    await once(link, 'receiver_open')
    nowMs += 30_000
    await putToken(connection, broker, 'open', nowMs + 60_000)
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

async function putToken(
  connection: ReturnType<typeof connectTo>,
  { rootKey }: RunningBroker,
  queue: string,
  expiresAtMs: number,
): Promise<void> {
  const { createHmac, randomUUID } = await import('node:crypto')
  const audience = `sb://127.0.0.1/${queue}`
  const expiry = Math.floor(expiresAtMs / 1000)
  const resource = encodeURIComponent(audience)
  const signature = encodeURIComponent(
    createHmac('sha256', rootKey.key).update(`${resource}\n${expiry}`).digest('base64'),
  )
  const name = `cbs-${randomUUID()}`
  const answers = connection.open_receiver({ name, source: '$cbs' })
  const requests = connection.open_sender('$cbs')
  await Promise.all([once(answers, 'receiver_open'), once(requests, 'sendable')])
  const answered = new Promise<{ message?: { application_properties?: Record<string, unknown> } }>((resolve) =>
    answers.once('message', resolve),
  )
  requests.send({
    message_id: randomUUID(),
    reply_to: name,
    application_properties: {
      operation: 'put-token',
      type: 'servicebus.windows.net:sastoken',
      name: audience,
    },
    body: `SharedAccessSignature sr=${resource}&sig=${signature}&se=${expiry}&skn=${rootKey.name}`,
  })
  expect((await answered).message?.application_properties?.['status-code']).toBe(202)
  for (const link of [answers, requests]) link.close()
}
