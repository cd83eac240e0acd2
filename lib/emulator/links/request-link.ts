import rhea, { type Message } from 'rhea'
import { type AmqpError, diskFailed, TOO_MANY_UNREAD, wireError } from './amqp-error'
import type { Broker } from './broker'
import type { ClientConnection } from './client-connection'
import type { IncomingMessage, LinkHandler } from './link-handler'
import type { ReceiverInternals } from './rhea-private'
import { canSend } from './rhea-workarounds'

/** An answer of `$cbs` or `$management`; `body` is a map with wrapped AMQP values. */
export type Answer = { status: number; description: string; error?: AmqpError; body?: Record<string, unknown> }

export type Request = { operation: string; properties: Record<string, unknown>; body: unknown }

/** How a node names its status properties: `$cbs` writes kebab-case, `$management` camel case. */
export type AnswerStyle = { status: string; description: string; condition: string }

export const CBS_STYLE: AnswerStyle = {
  status: 'status-code',
  description: 'status-description',
  condition: 'error-condition',
}
export const MANAGEMENT_STYLE: AnswerStyle = {
  status: 'statusCode',
  description: 'statusDescription',
  condition: 'errorCondition',
}

/** Requests that a client sends to a node; answers go to the link that `reply_to` names, or to the node's own. */
export class RequestLink implements LinkHandler {
  constructor(
    private readonly broker: Broker,
    private readonly connection: ClientConnection,
    private readonly link: ReceiverInternals,
    private readonly style: AnswerStyle,
    private readonly handle: (request: Request) => Answer,
  ) {}

  onMessage({ message, delivery }: IncomingMessage): void {
    delivery.accept()
    const request = message as Message
    const properties = request.application_properties ?? {}
    const answer = this.#answer({ operation: String(properties.operation), properties, body: request.body })
    this.broker.namespace.whenDurable((error) => {
      this.#send(request, error ? failure(500, diskFailed(error)) : answer)
    })
  }

  onClosed(): void {}

  /** A request that can not be read is the client's fault, not the broker's end. */
  #answer(request: Request): Answer {
    try {
      return this.handle(request)
    } catch (error) {
      this.broker.log(`request ${request.operation} failed: ${(error as Error).message}`)
      return failure(400, {
        condition: 'com.microsoft:argument-error',
        description: `The request could not be read: ${(error as Error).message}`,
      })
    }
  }

  #send(request: Message, answer: Answer): void {
    // The Python client names no link: its answers go to the link that it opened to the same node.
    const replyTo = request.reply_to ?? this.link.remote.attach?.target?.address
    const target = replyTo === undefined ? undefined : this.connection.findAnswerLink(replyTo)
    if (target?.is_open() && !canSend(target)) {
      target.close(wireError(TOO_MANY_UNREAD))
      return
    }
    if (!target?.is_open()) {
      this.broker.log(`no open link to answer a request on ${this.link.name}`)
      return
    }
    const { status, description, condition } = this.style
    target.send({
      correlation_id: request.message_id,
      application_properties: {
        [status]: rhea.types.wrap_int(answer.status),
        [description]: answer.description,
        ...(answer.error && { [condition]: rhea.types.wrap_symbol(answer.error.condition) }),
      },
      body: answer.body ?? null,
    })
  }
}

export function failure(status: number, error: AmqpError): Answer {
  return { status, description: error.description, error }
}

/** Takes the answers; has nothing to do itself. */
export class AnswerLink implements LinkHandler {
  constructor(private readonly release: () => void) {}

  onClosed(): void {
    this.release()
  }
}
