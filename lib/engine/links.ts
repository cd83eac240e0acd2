import type { InHand } from './broker/port'
import type { InFlightDelivery } from './current'
import type { Link } from './link'

/** A consumer's links: the one that receives, and those that are given up and not empty yet. */
export class Links {
  #current: Link | undefined
  readonly #closing = new Map<Link, Promise<void>>()

  /** The one that receives. */
  get current(): Link | undefined {
    return this.#current
  }

  use(link: Link): void {
    this.#current = link
  }

  /** Another link takes over: what is in hand stays so, and is settled over this one. */
  retire(): void {
    this.#end((link) => link.retire())
  }

  /** Nothing more is wanted: what is held is given back at once, what runs may end. */
  letGo(drainMs: number | null): void {
    this.#end((link) => link.close(drainMs))
    for (const link of this.#closing.keys()) void link.close(drainMs)
  }

  /** Ends the waiting of links that are given up. */
  hurry(): void {
    for (const link of this.#all()) link.hurry()
  }

  /** Resolves when nothing of what was given up is in hand any more. */
  async whenClosed(): Promise<void> {
    while (this.#closing.size > 0) await Promise.all(this.#closing.values())
  }

  inFlight(): InFlightDelivery[] {
    return this.#all().flatMap((link) => link.inFlight())
  }

  /** With `isOrdered` the messages of a session behind one that is in hand are not to be had either. */
  inHand(isOrdered: boolean): InHand {
    const messages = this.#all().flatMap((link) => link.messagesInHand())
    const numbers = new Set(messages.map(({ sequenceNumber }) => sequenceNumber))
    const sessions = new Set(isOrdered ? messages.map(({ sessionId }) => sessionId) : [])
    return {
      count: messages.length,
      includes: ({ sequenceNumber, sessionId }) => numbers.has(sequenceNumber) || sessions.has(sessionId),
    }
  }

  #end(end: (link: Link) => Promise<void>): void {
    const link = this.#current
    this.#current = undefined
    if (!link) return
    const closed = end(link).then(() => void this.#closing.delete(link))
    this.#closing.set(link, closed)
  }

  #all(): Link[] {
    return [...(this.#current ? [this.#current] : []), ...this.#closing.keys()]
  }
}
