import type { MessageState, StoredMessage } from './message'

const COMPACT_AFTER = 1024

/** All messages of a queue by sequence number, with what is counted of them. */
export class MessageStore {
  #messages = new Map<number, StoredMessage>()
  /** Sequence numbers in ascending order, some of them gone: makes peeking from the middle cheap. */
  #order: number[] = []
  #gone = 0
  lastSequenceNumber = 0
  sizeBytes = 0
  readonly counts: Record<MessageState, number> = { active: 0, deferred: 0, scheduled: 0 }

  get size(): number {
    return this.#messages.size
  }

  get(sequenceNumber: number): StoredMessage | undefined {
    return this.#messages.get(sequenceNumber)
  }

  /** Adds a message under the number that it has. Numbers must grow, but for `restoreOrder`. */
  add(message: StoredMessage): void {
    this.lastSequenceNumber = Math.max(this.lastSequenceNumber, message.sequenceNumber)
    this.#messages.set(message.sequenceNumber, message)
    this.#order.push(message.sequenceNumber)
    this.sizeBytes += message.sizeBytes
    this.counts[message.state]++
  }

  remove(message: StoredMessage): void {
    if (!this.#messages.delete(message.sequenceNumber)) return
    this.sizeBytes -= message.sizeBytes
    this.counts[message.state]--
    this.#gone++
    if (this.#gone > COMPACT_AFTER && this.#gone * 2 > this.#order.length) {
      this.#order = this.#order.filter((sequenceNumber) => this.#messages.has(sequenceNumber))
      this.#gone = 0
    }
  }

  setState(message: StoredMessage, state: MessageState): void {
    this.counts[message.state]--
    message.state = state
    this.counts[state]++
  }

  /** After messages were added in any order. */
  restoreOrder(): void {
    this.#order.sort((a, b) => a - b)
  }

  /**
   * Messages in the order of their numbers, from the given one on. May be read over several turns of the event loop:
   * what is there at the start and stays is met.
   */
  *from(sequenceNumber: number): Generator<StoredMessage> {
    const order = this.#order
    // Not those that arrive meanwhile: a busy queue would never end.
    const end = order.length
    for (let index = this.#firstAtOrAfter(sequenceNumber); index < end; index++) {
      const message = this.#messages.get(order[index] as number)
      if (message) yield message
    }
  }

  #firstAtOrAfter(sequenceNumber: number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#order[middle] as number) < sequenceNumber) low = middle + 1
      else high = middle
    }
    return low
  }
}
