import { BATCH_FORMAT, splitBatch } from '../codec/batch'
import type { MessageContent } from '../codec/content'
import { parseMessage } from '../codec/parse-message'
import type { Entity } from '../entity'
import { acceptsSends } from '../queue/properties'
import { type AmqpError, diskFailed, entityDisabled, notAllowed, SERVER_BUSY, wireError } from './amqp-error'
import type { Broker } from './broker'
import type { IncomingMessage, LinkHandler } from './link-handler'
import type { ReceiverInternals } from './rhea-private'
import { receivedBytes } from './rhea-workarounds'

const BYTES_PER_MEGABYTE = 1024 * 1024

/** A link on which a client sends to one queue. */
export class PublisherLink implements LinkHandler {
  constructor(
    private readonly broker: Broker,
    private readonly entity: Entity,
    private readonly link: ReceiverInternals,
  ) {}

  onMessage({ message, format, delivery }: IncomingMessage): void {
    const { namespace } = this.broker
    const contents = this.#refuseSize(receivedBytes(this.link), delivery.id) ?? readContents(message as Buffer, format)
    const refused = 'condition' in contents ? contents : this.#refuse(contents)
    if ('condition' in contents || refused) {
      delivery.reject(wireError(refused as AmqpError))
      return
    }
    const nowMs = namespace.clock()
    this.entity.accessedAtMs = nowMs
    this.entity.queue.enqueue(contents, nowMs)
    namespace.whenDurable((error) => {
      if (!this.link.is_open()) return
      if (error) delivery.reject(wireError(diskFailed(error)))
      else delivery.accept()
    })
  }

  onClosed(): void {}

  #refuse(contents: MessageContent[]): AmqpError | undefined {
    if (this.broker.faults.strikes('answerServerBusy', this.entity.name)) return SERVER_BUSY
    return refuseContents(contents, this.entity)
  }

  #refuseSize(sizeBytes: number, deliveryId: number): AmqpError | undefined {
    const { maxMessageBytes } = this.broker.limits
    if (sizeBytes > maxMessageBytes) {
      return {
        condition: 'amqp:link:message-size-exceeded',
        description: `The received message (delivery-id:${deliveryId}, size:${sizeBytes} bytes) exceeds the limit (${maxMessageBytes} bytes) currently allowed on the link.`,
      }
    }
    const { store, properties } = this.entity.queue
    if (store.sizeBytes + sizeBytes > properties.maxSizeInMegabytes * BYTES_PER_MEGABYTE) {
      return {
        condition: 'amqp:resource-limit-exceeded',
        description: `The maximum entity size has been reached or exceeded for Queue: '${this.entity.name}'.`,
      }
    }
    return undefined
  }
}

function readContents(bytes: Buffer, format: number | undefined): MessageContent[] | AmqpError {
  try {
    return format === BATCH_FORMAT ? splitBatch(bytes).map(parseMessage) : [parseMessage(bytes)]
  } catch (error) {
    return { condition: 'amqp:decode-error', description: `The message is not AMQP: ${(error as Error).message}.` }
  }
}

/** Why a queue does not take these messages. */
export function refuseContents(contents: MessageContent[], entity: Entity): AmqpError | undefined {
  const { properties } = entity.queue
  if (!acceptsSends(properties.status)) return entityDisabled('send', entity.name)
  if (properties.requiresSession && contents.some((content) => content.sessionId === undefined)) {
    return notAllowed(
      'The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.',
    )
  }
  return undefined
}
