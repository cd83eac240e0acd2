import type { StoredMessage } from './message'

const COMPACT_AFTER = 1024

/** Messages that wait for a receiver, in the order of their sequence numbers. */
export class Lane {
  #queue: StoredMessage[] = []
  #head = 0
  /** Messages that came back, sorted; few at a time. */
  #returned: StoredMessage[] = []
  #discarded = 0

  push(message: StoredMessage): void {
    this.#queue.push(message)
  }

  /** Puts a message back to where its sequence number belongs. */
  putBack(message: StoredMessage): void {
    const returned = this.#returned
    let low = 0
    let high = returned.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((returned[middle] as StoredMessage).sequenceNumber < message.sequenceNumber) low = middle + 1
      else high = middle
    }
    returned.splice(low, 0, message)
  }

  /** The next message without taking it. */
  peek(): StoredMessage | undefined {
    this.#dropRemoved()
    return this.#fromReturned() ? this.#returned[0] : this.#queue[this.#head]
  }

  shift(): StoredMessage | undefined {
    this.#dropRemoved()
    return this.#fromReturned() ? this.#returned.shift() : this.#shiftQueue()
  }

  /** Tells that a waiting message was removed from its queue: the memory of many such is given back. */
  discard(): void {
    this.#discarded++
    if (this.#discarded < COMPACT_AFTER || this.#discarded * 2 < this.#queue.length - this.#head) return
    this.#queue = this.#queue.slice(this.#head).filter((message) => !message.removed)
    this.#returned = this.#returned.filter((message) => !message.removed)
    this.#head = 0
    this.#discarded = 0
  }

  #fromReturned(): boolean {
    const returned = this.#returned[0]
    const queued = this.#queue[this.#head]
    return returned !== undefined && (queued === undefined || returned.sequenceNumber < queued.sequenceNumber)
  }

  #dropRemoved(): void {
    while (this.#queue[this.#head]?.removed) this.#shiftQueue()
    while (this.#returned[0]?.removed) this.#returned.shift()
  }

  #shiftQueue(): StoredMessage | undefined {
    const message = this.#queue[this.#head]
    if (message === undefined) return undefined
    // The slot is emptied so that a delivered message is not kept alive until the array is cut.
    this.#queue[this.#head] = undefined as unknown as StoredMessage
    this.#head++
    if (this.#head > COMPACT_AFTER && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    return message
  }
}
