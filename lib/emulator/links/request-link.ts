import rhea, { type Message } from 'rhea'
import { checkArrays, mayHoldLargeArray } from '../codec/check-arrays'
import { readSections } from '../codec/sections'
import { type AmqpError, diskFailed, requestTooLarge, TOO_MANY_UNREAD, wireError } from './amqp-error'
import type { Broker } from './broker'
import type { ClientConnection } from './client-connection'
import type { IncomingMessage, LinkHandler } from './link-handler'
import { outcomeOf } from './outcomes'
import type { ReceiverInternals, SenderInternals, SentDelivery } from './rhea-private'
import { CreditLedger, canSend, receivedBytes } from './rhea-workarounds'
import { settleWithOutcome } from './sent-deliveries'

const codec = rhea.message as unknown as { encode(message: Message): Buffer; decode(bytes: Buffer): Message }

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
    private readonly maxBytes: number,
    private readonly handle: (request: Request) => Answer,
  ) {}

  onMessage({ message, delivery }: IncomingMessage): void {
    if (receivedBytes(this.link) > this.maxBytes) {
      this.link.close(wireError(requestTooLarge(this.maxBytes)))
      return
    }
    delivery.accept()
    // A client that asks and does not read may not fill the memory with answers.
    this.connection.whenRoom(() => this.#serve(decodeRequest(message as Buffer)))
  }

  onClosed(): void {}

  #serve(request: Message | AmqpError): void {
    if ('condition' in request) {
      this.link.close(wireError(request))
      return
    }
    const properties = request.application_properties ?? {}
    const answer = this.#answer({ operation: String(properties.operation), properties, body: request.body })
    const bytes = this.#encode(request, answer)
    const arrived = this.connection.awaitBytes(bytes.length)
    this.broker.namespace.whenDurable((error) => {
      arrived()
      this.#send(request, error ? this.#encode(request, failure(500, diskFailed(error))) : bytes)
    })
  }

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

  #encode(request: Message, answer: Answer): Buffer {
    const { status, description, condition } = this.style
    return codec.encode({
      correlation_id: request.message_id,
      application_properties: {
        [status]: rhea.types.wrap_int(answer.status),
        [description]: answer.description,
        ...(answer.error && { [condition]: rhea.types.wrap_symbol(answer.error.condition) }),
      },
      body: answer.body ?? null,
    } as Message)
  }

  #send(request: Message, answer: Buffer): void {
    // The Python client names no link: its answers go to the link that it opened to the same node.
    const replyTo = request.reply_to ?? this.link.remote.attach?.target?.address
    const target = replyTo === undefined ? undefined : this.connection.findAnswerLink(replyTo)
    if (target?.isOpen) target.send(answer)
    else this.broker.log(`no open link to answer a request on ${this.link.name}`)
  }
}

function decodeRequest(bytes: Buffer): Message | AmqpError {
  try {
    if (mayHoldLargeArray(bytes)) for (const { value } of readSections(bytes)) checkArrays(bytes, value)
    return codec.decode(bytes)
  } catch (error) {
    return { condition: 'amqp:decode-error', description: `The request is not AMQP: ${(error as Error).message}.` }
  }
}

export function failure(status: number, error: AmqpError): Answer {
  return { status, description: error.description, error }
}

/** Plain AMQP message. */
const MESSAGE_FORMAT = 0
/** The sender's settle mode in which a transfer may not be settled already: it is settled right after. */
const UNSETTLED_FIRST = 0

/** A link on which a client takes the answers of a node. */
export class AnswerLink implements LinkHandler {
  readonly #ledger: CreditLedger

  constructor(
    private readonly connection: ClientConnection,
    private readonly link: SenderInternals,
    private readonly maxUnreadBytes: number,
    private readonly release: () => void,
  ) {
    this.#ledger = new CreditLedger(link)
  }

  get isOpen(): boolean {
    return this.link.is_open()
  }

  /** Ends the link when its client asks and asks and takes no answer. */
  send(answer: Buffer): void {
    const isTaken = this.#ledger.available > 0 || this.#ledger.pendingBytes + answer.length <= this.maxUnreadBytes
    if (!isTaken || !canSend(this.link)) {
      this.link.close(wireError(TOO_MANY_UNREAD))
      return
    }
    this.#ledger.countSent(answer.length)
    this.connection.countBytes(answer.length)
    const delivery = this.link.send(answer, undefined, MESSAGE_FORMAT) as SentDelivery
    // Nobody needs to settle an answer, and the Python client never does.
    if (this.link.snd_settle_mode !== UNSETTLED_FIRST) delivery.settled = true
    else delivery.whenWritten = () => settleWithOutcome(delivery, outcomeOf('accepted'))
  }

  onClosed(): void {
    this.release()
  }
}
