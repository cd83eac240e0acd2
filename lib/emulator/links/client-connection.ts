import { Claims } from './claims'
import type { LinkHandler } from './link-handler'
import type { AnswerLink } from './request-link'
import type { AnyLink, ConnectionInternals, SenderInternals } from './rhea-private'

/** What the broker knows of one AMQP connection. */
export class ClientConnection {
  readonly claims = new Claims()
  /** Open links with what they do. */
  readonly links = new Map<AnyLink, { address: string; handler: LinkHandler }>()
  /** All links that the client did not close yet, also those that were refused. */
  readonly attached = new Set<AnyLink>()
  sessionCount = 0
  /** Links that answers of `$cbs` and `$management` can go to, by their name and their target address. */
  readonly #answerLinks = new Map<string, AnswerLink>()
  /** Sent in this turn and not yet written by rhea. */
  #turnBytes = 0
  /** Ready, but not sent before something else is on disk. */
  #awaitedBytes = 0
  #endsTurn = false
  #wasFull = false
  /** What waits until the client has read; the socket is paused meanwhile. */
  readonly #waiting: (() => void)[] = []

  constructor(
    readonly amqp: ConnectionInternals,
    private readonly maxUnreadBytes: number,
  ) {}

  addAnswerLink(link: SenderInternals, answers: AnswerLink): void {
    for (const key of answerKeys(link)) this.#answerLinks.set(key, answers)
  }

  removeAnswerLink(link: SenderInternals, answers: AnswerLink): void {
    for (const key of answerKeys(link)) if (this.#answerLinks.get(key) === answers) this.#answerLinks.delete(key)
  }

  findAnswerLink(replyTo: string): AnswerLink | undefined {
    return this.#answerLinks.get(replyTo)
  }

  /** Whether the client has little enough unread, counting what this turn has sent and rhea has not written yet. */
  hasRoom(): boolean {
    const unread = this.amqp.socket.writableLength + this.#turnBytes + this.#awaitedBytes
    const hasRoom = unread < this.maxUnreadBytes
    if (!hasRoom) this.#wasFull = true
    return hasRoom
  }

  countBytes(bytes: number): void {
    this.#turnBytes += bytes
    this.#awaitEndOfTurn()
  }

  /** Counts bytes that will be sent; returns what ends that. */
  awaitBytes(bytes: number): () => void {
    this.#awaitedBytes += bytes
    return () => {
      this.#awaitedBytes -= bytes
      this.#awaitEndOfTurn()
    }
  }

  /** Does it now, or in its turn when the client has read what is unread: until then nothing more is read from it. */
  whenRoom(work: () => void): void {
    if (this.#waiting.length === 0 && this.hasRoom()) {
      work()
      return
    }
    this.#waiting.push(work)
    this.amqp.socket.pause()
  }

  /** The client has read what was unread: requests and deliveries go on. */
  resume(): void {
    if (this.#waiting.length > 0) {
      while (this.#waiting.length > 0 && this.hasRoom()) this.#waiting.shift()?.()
      if (this.#waiting.length > 0) return
      this.amqp.socket.resume()
    }
    for (const { handler } of this.links.values()) handler.onFlow?.()
  }

  /** What was sent is written then, and counted by the socket. */
  #awaitEndOfTurn(): void {
    if (this.#endsTurn) return
    this.#endsTurn = true
    setImmediate(() => {
      this.#endsTurn = false
      this.#turnBytes = 0
      if (!this.#wasFull) return
      this.#wasFull = false
      this.resume()
    })
  }

  /** Tells every link's handler that it is over. */
  close(): void {
    this.#waiting.length = 0
    for (const { handler } of this.links.values()) handler.onClosed()
    this.links.clear()
    this.attached.clear()
  }
}

function answerKeys(link: SenderInternals): string[] {
  const target = link.remote.attach?.target?.address
  return target ? [link.name, target] : [link.name]
}
