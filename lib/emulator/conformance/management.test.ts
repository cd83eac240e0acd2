import rhea, { type Connection, type EventContext, type Receiver, type Sender } from 'rhea'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectTo, once, sendNumbered, startInProcess } from '../links/test-connection'
import type { RunningBroker } from '../start-broker'

type Answer = { status: unknown; condition: unknown; body: Record<string, unknown> | null }

let nowMs = 1_800_000_000_000
let broker: RunningBroker
let connection: Connection

beforeAll(async () => {
  broker = await startInProcess({ clock: () => nowMs })
  broker.namespace.createQueue('sessions', { requiresSession: true })
  connection = connectTo(broker)
  await once(connection, 'connection_open')
})

afterAll(async () => {
  connection?.close()
  await broker?.close()
})

/** Asks a queue's `$management` node, as a client that knows nothing but the protocol. */
async function ask(queue: string, operation: string, body: unknown): Promise<Answer> {
  const address = `${queue}/$management`
  const replyTo = `answers-${Math.random()}`
  const answers: Receiver = connection.open_receiver({ source: address, target: replyTo })
  const requests: Sender = connection.open_sender(address)
  await Promise.all([once(answers, 'receiver_open'), once(requests, 'sendable')])
  const answered = new Promise<EventContext>((resolve) => answers.once('message', resolve))
  requests.send({ message_id: '1', reply_to: replyTo, application_properties: { operation }, body })
  const { message } = await answered
  for (const link of [answers, requests]) link.close()
  const { statusCode: status, errorCondition: condition } = message?.application_properties ?? {}
  return { status, condition, body: message?.body ?? null }
}

const send = (queue: string, count: number, fields: Record<string, unknown> = {}) =>
  sendNumbered(connection, queue, count, fields)

/** What neither official client of a queue asks for, and what goes wrong; the rest is in the tests of the clients. */
describe('$management', () => {
  it('deletes messages in a batch: as many as told, enqueued before the time told', async () => {
    await send('open', 3)
    const early = nowMs
    nowMs += 1000
    await send('open', 5)
    const operation = 'com.microsoft:batch-delete-messages'
    const before = { 'message-count': 10, 'enqueued-time-utc': rhea.types.wrap_timestamp(early) }
    expect(await ask('open', operation, before)).toMatchObject({ status: 200, body: { 'message-count': 3 } })
    expect(await ask('open', operation, { 'message-count': 1 })).toMatchObject({ body: { 'message-count': 1 } })
    expect(broker.namespace.find('open')?.queue.store.size).toBe(4)
  })

  it('lists sessions in pages', async () => {
    for (const id of ['a', 'b', 'c']) await send('sessions', 1, { group_id: id })
    const list = (skip: number, top: number) => ask('sessions', 'com.microsoft:get-message-sessions', { skip, top })
    expect(await list(0, 2)).toMatchObject({ status: 200, body: { skip: 2, 'sessions-ids': ['a', 'b'] } })
    expect(await list(2, 2)).toMatchObject({ body: { 'sessions-ids': ['c'] } })
    expect(await list(3, 2)).toMatchObject({ status: 204 })
  })

  it.each([
    [
      'renew-lock',
      { 'lock-tokens': rhea.types.wrap_array([Buffer.alloc(16)], 0x98, undefined as never) },
      410,
      'message-lock-lost',
    ],
    ['update-disposition', { 'disposition-status': 'eaten', 'lock-tokens': [] }, 400, 'argument-error'],
    ['peek-message', { 'from-sequence-number': 'x' }, 400, 'argument-error'],
    ['cancel-scheduled-message', { 'sequence-numbers': [9999] }, 404, 'message-not-found'],
    ['receive-by-sequence-number', { 'sequence-numbers': [9999] }, 404, 'message-not-found'],
    ['renew-session-lock', { 'session-id': 's' }, 410, 'session-lock-lost'],
    ['get-session-state', { 'session-id': 's' }, 410, 'session-lock-lost'],
    ['set-session-state', { 'session-id': 's' }, 410, 'session-lock-lost'],
    ['schedule-message', { messages: [{ message: 'no bytes' }] }, 400, 'argument-error'],
  ])('answers %s with %j: %i %s', async (operation, body, status, condition) => {
    const answer = await ask('open', `com.microsoft:${operation}`, body)
    expect(answer).toMatchObject({ status, condition: `com.microsoft:${condition}` })
  })

  it('says of operations on rules that it does not have them', async () => {
    for (const operation of ['add-rule', 'remove-rule', 'enumerate-rules']) {
      const answer = await ask('open', `com.microsoft:${operation}`, {})
      expect(answer).toMatchObject({ status: 501, condition: 'amqp:not-implemented' })
    }
  })
})
