import type { Sender } from 'rhea'
import { Claims } from './claims'
import type { LinkHandler } from './link-handler'
import type { AnyLink, ConnectionInternals } from './rhea-private'

/** What the broker knows of one AMQP connection. */
export class ClientConnection {
  readonly claims = new Claims()
  /** Open links with what they do. */
  readonly links = new Map<AnyLink, { address: string; handler: LinkHandler }>()
  /** Links that answers of `$cbs` and `$management` can go to, by their name and their target address. */
  readonly #answerLinks = new Map<string, Sender>()

  #turnBytes = 0
  #wasFull = false

  constructor(readonly amqp: ConnectionInternals) {}

  addAnswerLink(link: Sender & AnyLink): void {
    for (const key of answerKeys(link)) this.#answerLinks.set(key, link)
  }

  removeAnswerLink(link: Sender & AnyLink): void {
    for (const key of answerKeys(link)) if (this.#answerLinks.get(key) === link) this.#answerLinks.delete(key)
  }

  findAnswerLink(replyTo: string): Sender | undefined {
    return this.#answerLinks.get(replyTo)
  }

  /** Whether the client has less unread than this, counting what this turn has sent and rhea has not written yet. */
  hasRoom(maxUnreadBytes: number): boolean {
    const hasRoom = this.amqp.socket.writableLength + this.#turnBytes < maxUnreadBytes
    if (!hasRoom) this.#wasFull = true
    return hasRoom
  }

  countBytes(bytes: number): void {
    if (this.#turnBytes === 0) setImmediate(() => this.#endTurn())
    this.#turnBytes += bytes
  }

  /** The client has read what was unread: deliveries go on. */
  resume(): void {
    for (const { handler } of this.links.values()) handler.onFlow?.()
  }

  #endTurn(): void {
    this.#turnBytes = 0
    if (!this.#wasFull) return
    this.#wasFull = false
    this.resume()
  }

  /** Tells every link's handler that it is over. */
  close(): void {
    for (const { handler } of this.links.values()) handler.onClosed()
    this.links.clear()
  }
}

function answerKeys(link: Sender & AnyLink): string[] {
  const target = link.remote.attach?.target?.address
  return target ? [link.name, target] : [link.name]
}
