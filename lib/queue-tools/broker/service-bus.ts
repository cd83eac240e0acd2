import { ServiceBusClient, type ServiceBusReceiver, type ServiceBusSender } from '@azure/service-bus'
import Long from 'long'
import { isoDurationMs, openAdministration } from '@/lib/engine/broker/administration'
import { BrokerError, readFault } from '@/lib/engine/broker/fault'
import { settleApart } from '@/lib/engine/broker/settle-apart'
import { settleWithin } from '@/lib/engine/settle-within'
import { type AmqpMessage, copyMessage } from './copy-message'
import { describeMessage } from './describe-message'
import type { BrowsedMessage, QueueAddress, QueueCounts, QueuePlace, QueueTools, Taker } from './port'

const ANSWER_LIMIT_MS = 8_000
const CLOSE_LIMIT_MS = 3_000
/** How long one peek of the client may be; Azure gives 250 at most. */
const PEEK_AT_ONCE = 250

/** The QueueTools port on `@azure/service-bus`. Opens nothing by itself: the first operation connects. */
export function openQueueTools({ connectionString, queueName }: QueueAddress): QueueTools {
  const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } })
  const browsers = new Map<QueuePlace, ServiceBusReceiver>()
  const browserOf = (place: QueuePlace) => {
    const browser = browsers.get(place) ?? openReceiver(client, queueName, place)
    browsers.set(place, browser)
    return browser
  }
  let sender: ServiceBusSender | undefined
  return {
    peek: (place, from, maxCount) => asBrokerErrors(() => peek(browserOf(place), from, maxCount)),
    counts: () => asBrokerErrors(() => readCounts(connectionString, queueName)),
    openTaker: (place) => openTaker(openReceiver(client, queueName, place)),
    openSessionTaker: (sessionId) => asBrokerErrors(() => openSessionTaker(client, queueName, sessionId)),
    sendCopy: (message, changes) =>
      asBrokerErrors(() => {
        sender ??= client.createSender(queueName)
        const copy = copyMessage(message.original as AmqpMessage, changes)
        return sender.sendMessages(copy, { abortSignal: AbortSignal.timeout(ANSWER_LIMIT_MS) })
      }),
    close: () => settleWithin(client.close(), CLOSE_LIMIT_MS),
  }
}

// Bodies as bytes and dates as dates: what is sent again is to be what was sent.
const AS_SENT = { receiveMode: 'peekLock', skipParsingBodyAsJson: true, skipConvertingDate: true } as const

function openReceiver(client: ServiceBusClient, queueName: string, place: QueuePlace): ServiceBusReceiver {
  return client.createReceiver(queueName, {
    ...AS_SENT,
    maxAutoLockRenewalDurationInMs: 0,
    ...(place === 'dead_letter' ? { subQueueType: 'deadLetter' as const } : {}),
  })
}

/** Answers are cut by size too, so an answer of fewer says nothing: it is asked until there is none. */
async function peek(receiver: ServiceBusReceiver, from: bigint, maxCount: number): Promise<BrowsedMessage[]> {
  const found: BrowsedMessage[] = []
  for (let next = from; found.length < maxCount; ) {
    const messages = await receiver.peekMessages(Math.min(PEEK_AT_ONCE, maxCount - found.length), {
      fromSequenceNumber: Long.fromString(String(next)),
      abortSignal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    })
    const described = messages.map(describeMessage)
    found.push(...described)
    const last = described.at(-1)
    if (!last) break
    next = last.sequenceNumber + 1n
  }
  return found
}

/** The client keeps the session's lock alive: of a session one lock covers all that is taken. */
async function openSessionTaker(client: ServiceBusClient, queueName: string, sessionId: string): Promise<Taker | null> {
  try {
    return openTaker(await client.acceptSession(queueName, sessionId, AS_SENT))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'SessionCannotBeLocked') return null
    throw error
  }
}

type AnyReceiver = Pick<ServiceBusReceiver, 'receiveMessages' | 'completeMessage' | 'abandonMessage' | 'close'>

function openTaker(receiver: AnyReceiver): Taker {
  return {
    take: (maxCount, waitMs) =>
      asBrokerErrors(async () => {
        const received = await receiver.receiveMessages(maxCount, { maxWaitTimeInMs: waitMs })
        for (const message of received) settleApart(message)
        return received.map((message) => ({
          ...describeMessage(message),
          complete: () => asBrokerErrors(() => receiver.completeMessage(message)),
          abandon: () => asBrokerErrors(() => receiver.abandonMessage(message)),
        }))
      }),
    close: () => settleWithin(receiver.close(), CLOSE_LIMIT_MS),
  }
}

async function readCounts(connectionString: string, queueName: string): Promise<QueueCounts | null> {
  const abortSignal = AbortSignal.timeout(ANSWER_LIMIT_MS)
  const administration = openAdministration(connectionString)
  try {
    const [queue, runtime] = await Promise.all([
      administration.getQueue(queueName, { abortSignal }),
      administration.getQueueRuntimeProperties(queueName, { abortSignal }),
    ])
    return {
      activeCount: runtime.activeMessageCount,
      deadLetterCount: runtime.deadLetterMessageCount,
      scheduledCount: runtime.scheduledMessageCount,
      maxDeliveryCount: queue.maxDeliveryCount,
      lockDurationMs: isoDurationMs(queue.lockDuration),
    }
  } catch (error) {
    const status = (error as { statusCode?: number }).statusCode
    if (status === 401 || status === 403) return null
    throw error
  }
}

async function asBrokerErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof BrokerError ? error : new BrokerError(readFault(error), error)
  }
}
