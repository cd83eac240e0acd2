import rhea, { type Message } from 'rhea'
import type { MessageContent } from '../codec/content'
import { parseMessage } from '../codec/parse-message'
import { noLog, type QueueLog } from './log'
import type { Consumer, Lock, StoredMessage } from './message'
import { DEFAULT_QUEUE_PROPERTIES, deadLetterProperties, type QueueProperties } from './properties'
import { MessageQueue } from './queue'

const encode = (rhea.message as unknown as { encode(message: Message): Buffer }).encode

/** What a sender would have sent. */
export function contentOf(body: unknown, message: Partial<Message> & { ttlMs?: number; scheduledAtMs?: number } = {}) {
  const { ttlMs, scheduledAtMs, ...fields } = message
  const content: MessageContent = parseMessage(encode({ ...fields, body }))
  return { ...content, ttlMs, scheduledAtMs }
}

/** A queue with its dead-letter queue. */
export function makeQueue(properties: Partial<QueueProperties> = {}, log: QueueLog = noLog): MessageQueue {
  const all = { ...DEFAULT_QUEUE_PROPERTIES, ...properties }
  const dead = new MessageQueue(2, 'q', deadLetterProperties(all), log, null)
  return new MessageQueue(1, 'q', all, log, dead)
}

/** A receiver that keeps what it gets. */
export class TestConsumer implements Consumer {
  readonly received: { message: StoredMessage; lock: Lock | null }[] = []
  lostSession = false

  constructor(
    readonly mode: Consumer['mode'] = 'peek-lock',
    public creditLeft = 0,
  ) {}

  credit(): number {
    return this.creditLeft
  }

  deliver(message: StoredMessage, lock: Lock | null): void {
    this.creditLeft--
    this.received.push({ message, lock })
  }

  loseSession(): void {
    this.lostSession = true
  }
}
