import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus'
import type { Flow, MessageBody } from './flows'

const BATCH = 50
/** Messages that wait on the queues at most: sending goes on until the end is near. */
const BACKLOG = 1_000
const RETRY = { maxRetries: 0, timeoutInMs: 5_000 }
const RETRY_MS = 200
const IDLE_MS = 20
/** Every hundredth message can not be digested: the algorithm raises, or, every second time, its body is no JSON. */
const POISON_EVERY = 100
const POISON_AT = 13
const LONGEST_RUN_MS = 8

export const isPoison = (n: number): boolean => n % POISON_EVERY === POISON_AT

export const idOf = (n: number): string => `message-${n}`

export const numberOf = (id: string): number => Number(id.slice('message-'.length))

/** What is unusable is dead-lettered at once, in the midst of others that are completed. */
const isUnusable = (n: number): boolean => isPoison(n) && n % (2 * POISON_EVERY) === POISON_AT

function bodyOf(n: number): MessageBody | Buffer {
  if (isUnusable(n)) return Buffer.from(`{"n":${n},`)
  return { n, ms: n % (LONGEST_RUN_MS + 1), isPoison: isPoison(n) }
}

export type Sending = {
  /** Numbers below this one are acknowledged. */
  readonly acknowledged: number
  /** Resolves when all are, or when it was stopped. */
  finished: Promise<void>
  stop(): void
}

/**
 * Sends `count` messages, spread over the flows, never far ahead of `finishedCount`. What is not acknowledged is sent
 * again, with the same ids, for as long as it takes.
 */
export function sendMessages(flows: Flow[], count: number, finishedCount: () => number): Sending {
  let acknowledged = 0
  let isStopped = false
  const sendAll = async () => {
    const lines = new Lines(flows)
    while (acknowledged < count && !isStopped) {
      if (acknowledged - finishedCount() > BACKLOG) {
        await sleep(IDLE_MS)
        continue
      }
      const size = Math.min(BATCH, count - acknowledged)
      const numbers = Array.from({ length: size }, (_, index) => acknowledged + index)
      if (await lines.send(numbers)) acknowledged += size
      else await sleep(RETRY_MS)
    }
    await lines.close()
  }
  return {
    get acknowledged() {
      return acknowledged
    },
    finished: sendAll(),
    stop: () => {
      isStopped = true
    },
  }
}

/** A sender a queue; all of them anew after a failure. */
class Lines {
  readonly #flows: Flow[]
  #client: ServiceBusClient | undefined
  #senders: ServiceBusSender[] = []

  constructor(flows: Flow[]) {
    this.#flows = flows
  }

  /** False when not every one is acknowledged. */
  async send(numbers: number[]): Promise<boolean> {
    try {
      this.#open()
      await Promise.all(
        this.#senders.map(async (sender, index) => {
          const own = numbers.filter((n) => n % this.#senders.length === index)
          const messages = own.map((n) => ({ messageId: idOf(n), body: bodyOf(n), contentType: 'application/json' }))
          if (messages.length > 0) await sender.sendMessages(messages)
        }),
      )
      return true
    } catch {
      await this.close()
      return false
    }
  }

  async close(): Promise<void> {
    await this.#client?.close().catch(() => {})
    this.#client = undefined
  }

  #open(): void {
    if (this.#client) return
    const client = new ServiceBusClient(this.#flows[0]?.address.connectionString ?? '', { retryOptions: { ...RETRY } })
    this.#senders = this.#flows.map(({ address }) => client.createSender(address.queueName))
    this.#client = client
  }
}
