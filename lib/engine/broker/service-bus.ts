import {
  type MessageHandlers,
  type RetryOptions,
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
  type ServiceBusSender,
  type ServiceBusSessionReceiver,
} from '@azure/service-bus'
import Long from 'long'
import { orAborted } from '@/lib/abortable'
import { settleWithin } from '../settle-within'
import { readActiveCount, readQueueFacts } from './administration'
import { BrokerClock } from './broker-clock'
import { parseConnectionString } from './connection-string'
import { BrokerError, readFault } from './fault'
import { LinkTries } from './link-tries'
import type {
  Broker,
  BrokerPatience,
  Delivery,
  InHand,
  LockedSession,
  Message,
  OutgoingMessage,
  PeekedMessage,
  PeekOptions,
  Receiver,
  ReceiverListener,
} from './port'
import { quietTracing } from './quiet-tracing'
import { settleApart } from './settle-apart'

const CLOSE_LIMIT_MS = 3_000
/** Messages that are looked at; the oldest come first. */
const MAX_PEEKED = 250

/**
 * Figures of the client's retries (of a consumer's link see `receive`). A test must answer with the first error,
 * because retried ones come late and wrapped.
 */
const RETRIES = {
  test: { maxRetries: 0, timeoutInMs: 5_000 },
  steady: { maxRetries: 3, retryDelayInMs: 1_000, maxRetryDelayInMs: 10_000, timeoutInMs: 10_000 },
} as const

/** The Broker port on `@azure/service-bus`; the only module that imports it. */
export function connectServiceBus(connectionString: string, options: { patience?: BrokerPatience } = {}): Broker {
  parseConnectionString(connectionString)
  quietTracing()
  // The client writes into the options it is given: each gets its own copy.
  const retryOptions = { ...RETRIES[options.patience ?? 'steady'] }
  const client = new ServiceBusClient(connectionString, { retryOptions })
  // A sender is a link of its own: one a queue, opened by its first message.
  const senders = new Map<string, ServiceBusSender>()
  const clock = new BrokerClock()
  const senderOf = (queueName: string) => {
    const sender = senders.get(queueName) ?? client.createSender(queueName)
    senders.set(queueName, sender)
    return sender
  }
  return {
    receive: (queueName, slots, listener) => receive({ client, clock }, queueName, slots, listener),
    acceptSession: (queueName) => asBrokerErrors(() => acceptSession({ client, clock }, queueName)),
    send: (queueName, message, signal) => asBrokerErrors(() => send(senderOf(queueName), message, signal)),
    peek: (queueName, peekOptions) => asBrokerErrors(() => peek(client, queueName, peekOptions)),
    checkReceivable: (queueName, signal, messageOrder) =>
      messageOrder === 'session'
        ? checkSessions(client, queueName, signal)
        : checkReceivable(client, queueName, signal),
    hasWaiting: (queueName, inHand, signal) => hasWaiting({ client, connectionString, queueName, inHand, signal }),
    queueFacts: (queueName, signal) => readQueueFacts(connectionString, queueName, signal),
    close: () => settleWithin(client.close(), CLOSE_LIMIT_MS),
  }
}

type Connection = { client: ServiceBusClient; clock: BrokerClock }

/** The client makes a lost link anew by itself, for ever; when it does is set by LinkTries, so that it can be said. */
function receive(
  { client, clock }: Connection,
  queueName: string,
  slots: number,
  listener: ReceiverListener,
): Receiver {
  const receiver = openReceiver(client, queueName)
  const tries = new LinkTries(listener)
  // The last two are the client's own hooks, called around each try to make the link; contract tests guard them.
  const handlers: MessageHandlers & { preInitialize(): Promise<void>; postInitialize(): Promise<void> } = {
    processMessage: (message) => listener.onDelivery(toDelivery(receiver, message, clock)),
    processError: async ({ error, errorSource }) => {
      if (errorSource !== 'processMessageCallback') tries.noteFault(error)
    },
    preInitialize: () => tries.untilNext(),
    postInitialize: async () => tries.noteSuccess(),
  }
  const subscription = tellingEachTry(receiver, () =>
    receiver.subscribe(handlers, { autoCompleteMessages: false, maxConcurrentCalls: slots }),
  )
  return {
    stopIntake: () => {
      tries.stop()
      return settleWithin(subscription.close(), CLOSE_LIMIT_MS)
    },
    close: () => {
      tries.stop()
      return settleWithin(receiver.close(), CLOSE_LIMIT_MS)
    },
  }
}

/**
 * The client tries a link in groups as large as the retry options that the receiver has when it subscribes, and tells of
 * the last try of a group only: these are of one. What the receiver does later, settlement above all, is retried as ever.
 */
function tellingEachTry<T>(receiver: ServiceBusReceiver, subscribe: () => T): T {
  const inner = receiver as unknown as { _retryOptions: RetryOptions }
  const kept = inner._retryOptions
  inner._retryOptions = { ...kept, maxRetries: 0 }
  try {
    return subscribe()
  } finally {
    inner._retryOptions = kept
  }
}

// Bodies come as bytes, so that they reach the algorithm as they were sent. The client's own lock renewal is off: it
// goes by message id, and two messages may share one.
function openReceiver(client: ServiceBusClient, queueName: string, subQueue?: 'dead-letter'): ServiceBusReceiver {
  return client.createReceiver(queueName, {
    receiveMode: 'peekLock',
    skipParsingBodyAsJson: true,
    skipConvertingDate: true,
    maxAutoLockRenewalDurationInMs: 0,
    ...(subQueue ? { subQueueType: 'deadLetter' as const } : {}),
  })
}

async function acceptSession({ client, clock }: Connection, queueName: string): Promise<LockedSession | null> {
  let receiver: ServiceBusSessionReceiver
  try {
    receiver = await client.acceptNextSession(queueName, {
      receiveMode: 'peekLock',
      skipParsingBodyAsJson: true,
      skipConvertingDate: true,
      maxAutoLockRenewalDurationInMs: 0,
    })
  } catch (error) {
    if (isNoSession(error)) return null
    throw error
  }
  return {
    sessionId: receiver.sessionId,
    get lockedUntil() {
      return clock.toLocal(receiver.sessionLockedUntilUtc)
    },
    renewLock: () => asBrokerErrors(async () => clock.toLocal(await receiver.renewSessionLock())),
    next: (maxWaitTimeInMs, abortSignal) =>
      asBrokerErrors(async () => {
        const [received] = await receiver.receiveMessages(1, { maxWaitTimeInMs, abortSignal })
        return received ? toDelivery(receiver, received, clock) : null
      }),
    close: () => settleWithin(receiver.close(), CLOSE_LIMIT_MS),
  }
}

/** The broker's way to say that all sessions are empty or taken. */
function isNoSession(error: unknown): boolean {
  return readFault(error).kind === 'no_answer' && /timeout|session/i.test(String((error as { code?: unknown }).code))
}

/** A link without a session is refused at once by a queue that has sessions: that is the proof wanted here. */
async function checkSessions(client: ServiceBusClient, queueName: string, signal: AbortSignal): Promise<void> {
  try {
    await checkReceivable(client, queueName, signal)
  } catch (error) {
    if (readFault(error).kind === 'session_queue') return
    throw error
  }
  throw new BrokerError({ kind: 'no_session_queue', detail: 'the queue took a receiver without a session' })
}

type Search = {
  client: ServiceBusClient
  connectionString: string
  queueName: string
  inHand: InHand
  signal: AbortSignal
}

/** Deferred and scheduled messages are on the queue too, and other programs may hold locks: counts alone can not tell. */
async function hasWaiting({ client, connectionString, queueName, inHand, signal }: Search): Promise<boolean> {
  const activeCount = await readActiveCount(connectionString, queueName, signal)
  if (activeCount !== null && activeCount <= inHand.count) return false
  // Some versions of the client wait on after the signal when the peer is frozen.
  const peeked = await asBrokerErrors(() =>
    orAborted(peek(client, queueName, { maxCount: MAX_PEEKED, signal }), signal),
  )
  return peeked.some((message) => message.state === 'active' && !inHand.includes(message))
}

function toDelivery(receiver: ServiceBusReceiver, received: ServiceBusReceivedMessage, clock: BrokerClock): Delivery {
  settleApart(received)
  if (received.enqueuedTimeUtc) clock.noteEnqueued(received.enqueuedTimeUtc)
  return {
    message: toMessage(received),
    attempt: (received.deliveryCount ?? 0) + 1,
    lockedUntil: received.lockedUntilUtc ? clock.toLocal(received.lockedUntilUtc) : new Date(),
    complete: () => asBrokerErrors(() => receiver.completeMessage(received)),
    abandon: () => asBrokerErrors(() => receiver.abandonMessage(received)),
    release: () => asBrokerErrors(() => release(receiver, received)),
    deadLetter: (deadLetterReason, deadLetterErrorDescription) =>
      asBrokerErrors(() => receiver.deadLetterMessage(received, { deadLetterReason, deadLetterErrorDescription })),
    // Of a session the session is locked, never its messages: who takes sessions renews them (session-intake.ts).
    renewLock: () => asBrokerErrors(async () => clock.toLocal(await receiver.renewMessageLock(received))),
  }
}

/**
 * The client has no word for AMQP's outcome `released`, which Service Bus does not count (Azure/amqpnetlite issue 342).
 * It sends an abandon by its delivery's `modified`: that is turned into the release, and it waits for the confirmation.
 */
function release(receiver: ServiceBusReceiver, received: ServiceBusReceivedMessage): Promise<void> {
  const { delivery } = received as { delivery?: { modified(): void; release(): void } }
  if (delivery) delivery.modified = () => delivery.release()
  return receiver.abandonMessage(received)
}

function toMessage(received: ServiceBusReceivedMessage): Message {
  return {
    messageId: received.messageId === undefined ? null : String(received.messageId),
    sequenceNumber: BigInt((received.sequenceNumber ?? Long.ZERO).toString()),
    enqueuedAt: received.enqueuedTimeUtc ?? new Date(0),
    contentType: received.contentType ?? null,
    sessionId: received.sessionId ?? null,
    correlationId: received.correlationId === undefined ? null : String(received.correlationId),
    body: Buffer.isBuffer(received.body)
      ? { kind: 'bytes', bytes: received.body }
      : { kind: 'value', value: received.body },
    properties: received.applicationProperties ?? {},
  }
}

async function peek(client: ServiceBusClient, queueName: string, options: PeekOptions): Promise<PeekedMessage[]> {
  const receiver = openReceiver(client, queueName, options.subQueue)
  // Without a start the client goes on from its last peek of the queue.
  const messages = await receiver.peekMessages(options.maxCount, {
    fromSequenceNumber: Long.fromString(String(options.fromSequenceNumber ?? 0n)),
    ...(options.signal ? { abortSignal: options.signal } : {}),
  })
  return messages.map((message) => ({
    ...toMessage(message),
    state: message.state,
    deliveryCount: message.deliveryCount ?? 0,
    deadLetterReason: message.deadLetterReason ?? null,
    deadLetterDescription: message.deadLetterErrorDescription ?? null,
  }))
}

function checkReceivable(client: ServiceBusClient, queueName: string, signal: AbortSignal): Promise<void> {
  return asBrokerErrors(
    () =>
      new Promise<void>((resolve, reject) => {
        const receiver = openReceiver(client, queueName)
        // The hook runs before credit is granted, and a closed subscription grants none: nothing is taken.
        const handlers: MessageHandlers & { postInitialize: () => Promise<void> } = {
          processMessage: async () => {},
          processError: async ({ error }) => reject(error),
          postInitialize: async () => {
            void subscription.close()
            resolve()
          },
        }
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        const subscription = receiver.subscribe(handlers, { autoCompleteMessages: false, abortSignal: signal })
      }),
  )
}

async function send(sender: ServiceBusSender, message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
  await sender.sendMessages(
    {
      body: message.body,
      ...(message.contentType ? { contentType: message.contentType } : {}),
      ...(message.messageId === undefined ? {} : { messageId: message.messageId }),
      ...(message.sessionId === undefined ? {} : { sessionId: message.sessionId }),
      ...(message.correlationId === undefined ? {} : { correlationId: message.correlationId }),
      ...(message.properties ? { applicationProperties: message.properties } : {}),
    },
    signal ? { abortSignal: signal } : {},
  )
}

async function asBrokerErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof BrokerError ? error : new BrokerError(readFault(error), error)
  }
}
