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

  /** The client has read what was unread: deliveries go on. */
  resume(): void {
    for (const { handler } of this.links.values()) handler.onFlow?.()
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
