import rhea, { type Connection, type EventContext, type Message, type Receiver, type Sender } from 'rhea'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGuidOrder } from '../codec/lock-token'
import { connectTo, once, sendNumbered, startInProcess } from '../links/test-connection'
import type { RunningBroker } from '../start-broker'

type Answer = { status: unknown; condition: unknown; body: Record<string, unknown> }

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
  return { status, condition, body: message?.body ?? {} }
}

const send = (queue: string, count: number, fields: Record<string, unknown> = {}) =>
  sendNumbered(connection, queue, count, fields)

const queueOf = (name: string) => broker.namespace.find(name)?.queue ?? expect.fail(`there is no queue ${name}`)

const longs = (...numbers: number[]) => rhea.types.wrap_array(numbers, 0x81, undefined as never)
const uuids = (...tokens: Buffer[]) => rhea.types.wrap_array(tokens, 0x98, undefined as never)

const codec = rhea.message as unknown as { encode(message: Message): Buffer; decode(bytes: Buffer): Message }
const encoded = (message: Message) => rhea.types.wrap_binary(codec.encode(message))

/** The messages of an answer, decoded. */
function messagesOf({ body }: Answer): Message[] {
  const entries = (body.messages ?? []) as { message: Buffer }[]
  return entries.map(({ message }) => codec.decode(message))
}

const bodiesOf = (answer: Answer) => messagesOf(answer).map(({ body }) => body)

/** The lock tokens of the next messages of a queue or session, whose link is closed again unless a session needs it. */
async function lockNext(queue: string, count: number, sessionId?: string): Promise<Buffer[]> {
  const filter = { 'com.microsoft:session-filter': sessionId } as never
  const source = sessionId === undefined ? { address: queue } : { address: queue, filter }
  const receiver = connection.open_receiver({ source, credit_window: 0, autoaccept: false })
  const tokens: Buffer[] = []
  const complete = new Promise<void>((resolve) => {
    receiver.on('message', ({ delivery }: EventContext) => {
      if (tokens.push(toGuidOrder(delivery?.tag as Buffer)) === count) resolve()
    })
  })
  await once(receiver, 'receiver_open')
  receiver.add_credit(count)
  if (count > 0) await complete
  return tokens
}

/** Each operation by its protocol, whoever calls it; that the official clients call them so is in clients/. */
describe('the operations of $management', () => {
  it('peek-message: from a number on, of one session, without bodies, and 204 at the end', async () => {
    const queue = broker.namespace.createQueue('peek', {}).name
    await send(queue, 3)
    const peek = (fields: Record<string, unknown>, of = queue) => ask(of, 'com.microsoft:peek-message', fields)
    const first = rhea.types.wrap_long(0)
    expect(bodiesOf(await peek({ 'from-sequence-number': first, 'message-count': 2 }))).toEqual([0, 1])
    const last = rhea.types.wrap_long(3)
    const [message] = messagesOf(await peek({ 'from-sequence-number': last, 'message-count': 9 }))
    expect(message).toMatchObject({ body: 2, message_annotations: { 'x-opt-sequence-number': 3 } })
    const bare = messagesOf(await peek({ 'from-sequence-number': last, 'message-count': 1, 'omit-message-body': true }))
    expect(bare).toMatchObject([{ message_annotations: { 'x-opt-sequence-number': 3 } }])
    expect(bare[0]?.body).toBeUndefined()
    expect(await peek({ 'from-sequence-number': rhea.types.wrap_long(4), 'message-count': 1 })).toMatchObject({
      status: 204,
    })
    await send('sessions', 1, { group_id: 'peek-a' })
    await send('sessions', 2, { group_id: 'peek-b' })
    const ofSession = { 'from-sequence-number': first, 'message-count': 9, 'session-id': 'peek-b' }
    expect(bodiesOf(await peek(ofSession, 'sessions'))).toEqual([0, 1])
  })

  it('renew-lock: moves the ends of several locks', async () => {
    const queue = broker.namespace.createQueue('renew', { lockDurationMs: 60_000 }).name
    await send(queue, 2)
    const tokens = await lockNext(queue, 2)
    nowMs += 10_000
    const answer = await ask(queue, 'com.microsoft:renew-lock', { 'lock-tokens': uuids(...tokens) })
    expect(answer.status).toBe(200)
    expect((answer.body.expirations as Date[]).map(Number)).toEqual([nowMs + 60_000, nowMs + 60_000])
  })

  it('schedule-message and cancel-scheduled-message: by the numbers that were answered', async () => {
    const queue = broker.namespace.createQueue('schedule', {}).name
    const at = rhea.types.wrap_timestamp(nowMs + 5000)
    const message = { body: 'later', message_annotations: { 'x-opt-scheduled-enqueue-time': at } }
    const entry = { message: encoded(message as unknown as Message), 'message-id': 'one' }
    const answer = await ask(queue, 'com.microsoft:schedule-message', { messages: [entry, entry] })
    expect(answer).toMatchObject({ status: 200, body: { 'sequence-numbers': [1, 2] } })
    expect(queueOf(queue).store.counts.scheduled).toBe(2)
    const cancel = { 'sequence-numbers': longs(1) }
    expect(await ask(queue, 'com.microsoft:cancel-scheduled-message', cancel)).toMatchObject({ status: 200 })
    expect(await ask(queue, 'com.microsoft:cancel-scheduled-message', cancel)).toMatchObject({ status: 404 })
    nowMs += 6000
    await expect.poll(() => queueOf(queue).store.counts).toEqual({ active: 1, deferred: 0, scheduled: 0 })
  })

  it.each([
    ['to a dead-letter queue', '/$deadletterqueue', {}, 1, 400, 'amqp:not-allowed'],
    ['to a queue that takes none', '', { status: 'SendDisabled' }, 1, 400, 'com.microsoft:entity-disabled'],
    ['without a session', '', { requiresSession: true }, 1, 400, 'amqp:not-allowed'],
    ['above the message size', '', {}, 1_100_000, 403, 'amqp:link:message-size-exceeded'],
    ['above what the queue may hold', '', { maxSizeInMegabytes: 1 }, 600_000, 403, 'amqp:resource-limit-exceeded'],
  ] as const)('schedule-message: refuses messages %s', async (title, suffix, properties, bytes, status, condition) => {
    const { name } = broker.namespace.createQueue(title.replaceAll(' ', '-'), properties)
    const entry = { message: encoded({ body: Buffer.alloc(bytes) } as Message) }
    const answer = await ask(`${name}${suffix}`, 'com.microsoft:schedule-message', { messages: [entry, entry] })
    expect(answer).toMatchObject({ status, condition })
    expect(queueOf(name).store.size).toBe(0)
  })

  it('update-disposition: completes, abandons, defers and dead-letters by lock token', async () => {
    const queue = broker.namespace.createQueue('settle', {}).name
    await send(queue, 4)
    const tokens = await lockNext(queue, 4)
    const settle = (status: string, more = {}) =>
      ask(queue, 'com.microsoft:update-disposition', {
        'disposition-status': status,
        'lock-tokens': uuids(tokens.shift() as Buffer),
        ...more,
      })
    const why = { 'deadletter-reason': 'why', 'deadletter-description': 'because' }
    expect(await settle('completed')).toMatchObject({ status: 200 })
    expect(await settle('abandoned', { 'properties-to-modify': { tried: true } })).toMatchObject({ status: 200 })
    expect(await settle('defered')).toMatchObject({ status: 200 })
    expect(await settle('suspended', why)).toMatchObject({ status: 200 })
    const { store } = queueOf(queue)
    expect(store.counts).toEqual({ active: 1, deferred: 1, scheduled: 0 })
    const [again] = messagesOf(await ask(queue, 'com.microsoft:peek-message', { 'message-count': 1 }))
    expect(again).toMatchObject({ body: 1, delivery_count: 1, application_properties: { tried: true } })
    const dead = await ask(`${queue}/$deadletterqueue`, 'com.microsoft:peek-message', { 'message-count': 1 })
    const properties = { DeadLetterReason: 'why', DeadLetterErrorDescription: 'because' }
    expect(messagesOf(dead)).toMatchObject([{ body: 3, application_properties: properties }])
  })

  it.each([
    ['abandoned', { 'properties-to-modify': { text: 'x'.repeat(600_000) } }],
    ['defered', { 'properties-to-modify': { text: 'x'.repeat(600_000) } }],
    ['suspended', { 'properties-to-modify': { text: 'x'.repeat(600_000) } }],
    ['suspended', { 'deadletter-description': 'x'.repeat(600_000) }],
  ])(
    'update-disposition: refuses what would make a message too large (%s), and leaves it locked',
    async (how, more) => {
      const { name } = broker.namespace.createQueue(`grow-${how}-${Object.keys(more)}`)
      await send(name, 2, { body: Buffer.alloc(500_000) })
      const tokens = await lockNext(name, 2)
      const before = queueOf(name).store.sizeBytes
      const settle = (status: string, fields: object = {}) =>
        ask(name, 'com.microsoft:update-disposition', {
          'disposition-status': status,
          'lock-tokens': uuids(...tokens),
          ...fields,
        })
      expect(await settle(how, more)).toMatchObject({ status: 403, condition: 'amqp:link:message-size-exceeded' })
      const { store, lockCount } = queueOf(name)
      expect([store.sizeBytes, store.counts.active, lockCount]).toEqual([before, 2, 2])
      expect(await settle(how, { 'deadletter-description': 'small' })).toMatchObject({ status: 200 })
      expect(queueOf(name).lockCount).toBe(0)
    },
  )

  it('receive-by-sequence-number: locks deferred messages, or takes them out at once', async () => {
    const queue = broker.namespace.createQueue('deferred', {}).name
    await send(queue, 2)
    const tokens = await lockNext(queue, 2)
    const defer = { 'disposition-status': 'defered', 'lock-tokens': uuids(...tokens) }
    await ask(queue, 'com.microsoft:update-disposition', defer)
    const take = (number: number, mode: number) =>
      ask(queue, 'com.microsoft:receive-by-sequence-number', {
        'sequence-numbers': longs(number),
        'receiver-settle-mode': rhea.types.wrap_uint(mode),
      })
    const locked = await take(1, 1)
    expect(bodiesOf(locked)).toEqual([0])
    const [{ 'lock-token': token }] = locked.body.messages as [{ 'lock-token': Buffer }]
    expect(await take(1, 1)).toMatchObject({ status: 404, condition: 'com.microsoft:message-not-found' })
    const complete = { 'disposition-status': 'completed', 'lock-tokens': uuids(token) }
    expect(await ask(queue, 'com.microsoft:update-disposition', complete)).toMatchObject({ status: 200 })
    expect(bodiesOf(await take(2, 0))).toEqual([1])
    expect(queueOf(queue).store.size).toBe(0)
  })

  it('renew-session-lock, get- and set-session-state: of a session that is held', async () => {
    await send('sessions', 1, { group_id: 'held' })
    await lockNext('sessions', 1, 'held')
    const session = { 'session-id': 'held' }
    nowMs += 1000
    const renewed = await ask('sessions', 'com.microsoft:renew-session-lock', session)
    expect(Number(renewed.body.expiration)).toBe(nowMs + 300_000)
    const get = async () => (await ask('sessions', 'com.microsoft:get-session-state', session)).body['session-state']
    expect(await get()).toBeNull()
    const state = Buffer.from('so far')
    for (const [set, got] of [
      [rhea.types.wrap_binary(state), state],
      [null, null],
    ]) {
      const change = { ...session, 'session-state': set }
      expect(await ask('sessions', 'com.microsoft:set-session-state', change)).toMatchObject({ status: 200 })
      expect(await get()).toEqual(got)
    }
  })

  it('batch-delete-messages: as many as told, enqueued before the time told', async () => {
    await send('open', 3)
    const early = nowMs
    nowMs += 1000
    await send('open', 5)
    const operation = 'com.microsoft:batch-delete-messages'
    const before = { 'message-count': 10, 'enqueued-time-utc': rhea.types.wrap_timestamp(early) }
    expect(await ask('open', operation, before)).toMatchObject({ status: 200, body: { 'message-count': 3 } })
    expect(await ask('open', operation, { 'message-count': 1 })).toMatchObject({ body: { 'message-count': 1 } })
    expect(queueOf('open').store.size).toBe(4)
  })

  it('get-message-sessions: in pages', async () => {
    const { name } = broker.namespace.createQueue('listed', { requiresSession: true })
    for (const id of ['a', 'b', 'c']) await send(name, 1, { group_id: id })
    const list = (skip: number, top: number) => ask(name, 'com.microsoft:get-message-sessions', { skip, top })
    expect(await list(0, 2)).toMatchObject({ status: 200, body: { skip: 2, 'sessions-ids': ['a', 'b'] } })
    expect(await list(2, 2)).toMatchObject({ body: { 'sessions-ids': ['c'] } })
    expect(await list(3, 2)).toMatchObject({ status: 204 })
  })

  it.each([
    ['renew-lock', { 'lock-tokens': uuids(Buffer.alloc(16)) }, 410, 'message-lock-lost'],
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
