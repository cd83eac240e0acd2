import type { StoredMessage } from './message'

const COMPACT_AFTER = 1024

/** A message, or the number of one that was removed: nothing keeps its body, and the order can still be searched. */
type Place = StoredMessage | number

/** Messages that wait for a receiver, in the order of their sequence numbers. */
export class Lane {
  #queue: Place[] = []
  #head = 0
  /** Messages that came back, sorted; few at a time. */
  #returned: Place[] = []
  /** Places whose message was removed. */
  #emptied = 0

  push(message: StoredMessage): void {
    this.#queue.push(message)
  }

  /** Puts a message back to where its sequence number belongs. */
  putBack(message: StoredMessage): void {
    this.#returned.splice(firstAtOrAfter(this.#returned, 0, message.sequenceNumber), 0, message)
  }

  /** The next message without taking it. */
  peek(): StoredMessage | undefined {
    this.#dropEmptied()
    return (this.#fromReturned() ? this.#returned[0] : this.#queue[this.#head]) as StoredMessage | undefined
  }

  shift(): StoredMessage | undefined {
    this.#dropEmptied()
    return (this.#fromReturned() ? this.#returned.shift() : this.#shiftQueue()) as StoredMessage | undefined
  }

  /** Takes a waiting message out, from wherever it stands. */
  remove(message: StoredMessage): void {
    if (this.peek() === message) this.shift()
    else if (empty(this.#returned, 0, message) || empty(this.#queue, this.#head, message)) {
      this.#emptied++
      this.#compact()
    }
  }

  #fromReturned(): boolean {
    const returned = this.#returned[0]
    const queued = this.#queue[this.#head]
    return returned !== undefined && (queued === undefined || numberOf(returned) < numberOf(queued))
  }

  #dropEmptied(): void {
    for (; typeof this.#queue[this.#head] === 'number'; this.#emptied--) this.#shiftQueue()
    for (; typeof this.#returned[0] === 'number'; this.#emptied--) this.#returned.shift()
  }

  #compact(): void {
    const places = this.#queue.length - this.#head + this.#returned.length
    if (this.#emptied < COMPACT_AFTER || this.#emptied * 2 < places) return
    this.#queue = this.#queue.slice(this.#head).filter((place) => typeof place !== 'number')
    this.#returned = this.#returned.filter((place) => typeof place !== 'number')
    this.#head = 0
    this.#emptied = 0
  }

  #shiftQueue(): Place | undefined {
    const place = this.#queue[this.#head]
    if (place === undefined) return undefined
    // The slot is emptied so that a delivered message is not kept alive until the array is cut.
    this.#queue[this.#head] = 0
    this.#head++
    if (this.#head > COMPACT_AFTER && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    return place
  }
}

function numberOf(place: Place): number {
  return typeof place === 'number' ? place : place.sequenceNumber
}

/** Leaves the message's number in its place; false when it does not stand here. */
function empty(places: Place[], from: number, message: StoredMessage): boolean {
  const index = firstAtOrAfter(places, from, message.sequenceNumber)
  if (places[index] !== message) return false
  places[index] = message.sequenceNumber
  return true
}

function firstAtOrAfter(places: Place[], from: number, sequenceNumber: number): number {
  let low = from
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numberOf(places[middle] as Place) < sequenceNumber) low = middle + 1
    else high = middle
  }
  return low
}
