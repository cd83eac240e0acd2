import type { Connection, Receiver } from 'rhea'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningBroker } from '../start-broker'
import { connectTo, once, sendNumbered, startInProcess } from './test-connection'
import { putToken, signToken } from './test-token'

let broker: RunningBroker
const connections: Connection[] = []

beforeAll(async () => {
  broker = await startInProcess()
  broker.namespace.createQueue('keyed', {}, [
    { name: 'AccessPolicyQueue', key: 'one', secondaryKey: 'two', rights: ['Listen', 'Send', 'Manage'] },
    { name: 'listener', key: 'one', rights: ['Listen'] },
  ])
})

afterAll(async () => {
  for (const connection of connections) connection.close()
  await broker?.close()
})

/** A client that offers nothing but this mechanism. */
function connectBy(mechanism: string, response: string | Buffer = ''): Connection {
  const client = {
    start: (done: (error: undefined, response: unknown) => void) => done(undefined, Buffer.from(response)),
    step: (_challenge: unknown, done: (error: undefined, response: unknown) => void) => done(undefined, ''),
  }
  const connection = connectTo(broker, { password: undefined, sasl_mechanisms: { [mechanism]: () => client } })
  connections.push(connection)
  return connection
}

const plain = (name: string, key: string) => connectBy('PLAIN', `\0${name}\0${key}`)

async function openedBy(connection: Connection, queue: string): Promise<Receiver> {
  const receiver = connection.open_receiver({ source: queue, credit_window: 0 })
  await Promise.race([once(receiver, 'receiver_open'), once(receiver, 'receiver_error')])
  return receiver
}

/** `opened`, or the condition with which the link was refused. */
async function receiveFrom(connection: Connection, queue: string): Promise<unknown> {
  const receiver = await openedBy(connection, queue)
  // A refusal is an attach and then a detach: what is answered later comes after both.
  await once(connection.open_receiver({ source: '$cbs' }), 'receiver_open')
  return (receiver.error as { condition?: string } | undefined)?.condition ?? 'opened'
}

describe.each(['ANONYMOUS', 'MSSBCBS', 'EXTERNAL'])('SASL %s', (mechanism) => {
  it('opens a connection, but nothing on it before a token was shown', async () => {
    const connection = connectBy(mechanism)
    await once(connection, 'connection_open')
    expect(await receiveFrom(connection, 'open')).toBe('amqp:unauthorized-access')
    const soon = Date.now() + 60_000
    const wrong = signToken({ name: broker.rootKey.name, key: 'wrong' }, 'sb://127.0.0.1/open', soon)
    expect(await putToken(connection, 'open', wrong)).toMatchObject({
      status: 401,
      description: expect.stringContaining('InvalidSignature'),
    })
    expect(await receiveFrom(connection, 'open')).toBe('amqp:unauthorized-access')
  })

  it('sends and receives after a token was shown, on the queue that it names', async () => {
    const connection = connectBy(mechanism)
    await once(connection, 'connection_open')
    const token = signToken(broker.rootKey, 'sb://127.0.0.1/open', Date.now() + 60_000)
    expect(await putToken(connection, 'open', token)).toMatchObject({ status: 202 })
    await sendNumbered(connection, 'open', 3, {})
    const receiver = await openedBy(connection, 'open')
    const bodies: unknown[] = []
    receiver.on('message', ({ message }) => bodies.push(message?.body))
    receiver.add_credit(3)
    await expect.poll(() => bodies).toEqual([0, 1, 2])
    await expect.poll(() => broker.namespace.find('open')?.queue.store.size).toBe(0)
    expect(await receiveFrom(connection, 'keyed')).toBe('amqp:unauthorized-access')
  })
})

describe('SASL PLAIN', () => {
  it('opens all queues to a key of the namespace', async () => {
    const connection = plain(broker.rootKey.name, broker.rootKey.key)
    await once(connection, 'connection_open')
    expect([await receiveFrom(connection, 'open'), await receiveFrom(connection, 'keyed')]).toEqual([
      'opened',
      'opened',
    ])
  })

  it.each(['one', 'two'])('opens its queue, and no other, to a queue’s key (%s)', async (key) => {
    const connection = plain('AccessPolicyQueue', key)
    await once(connection, 'connection_open')
    await sendNumbered(connection, 'keyed', 1, {})
    expect(await receiveFrom(connection, 'keyed')).toBe('opened')
    expect(await receiveFrom(connection, 'open')).toBe('amqp:unauthorized-access')
  })

  it('allows what the key’s rights say', async () => {
    const connection = plain('listener', 'one')
    await once(connection, 'connection_open')
    expect(await receiveFrom(connection, 'keyed')).toBe('opened')
    const sender = connection.open_sender('keyed')
    await once(sender, 'sender_error')
    expect(sender.error).toMatchObject({ condition: 'amqp:unauthorized-access' })
  })

  it.each([
    ['a wrong key', '\0RootManageSharedAccessKey\0wrong'],
    ['an unknown name', '\0nobody\0one'],
    ['an empty key', '\0AccessPolicyQueue\0'],
    ['no response at all', ''],
    ['another shape', 'AccessPolicyQueue one'],
  ])('refuses %s before the connection opens', async (_, response) => {
    expect(await failureOf(connectBy('PLAIN', response))).toMatch(/Failed to authenticate/)
  })
})

describe('a client whose mechanism is not offered', () => {
  it('learns which ones are', async () => {
    expect(await failureOf(connectBy('SCRAM-SHA-256'))).toMatch(/ANONYMOUS,MSSBCBS,EXTERNAL,PLAIN/)
  })
})

function failureOf(connection: Connection): Promise<string> {
  return new Promise((resolve, reject) => {
    connection.once('connection_error', ({ error }) => resolve(String((error as Error | undefined)?.message ?? error)))
    connection.once('connection_open', () => reject(new Error('the connection opened')))
  })
}
