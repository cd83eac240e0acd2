import { BATCH_FORMAT, splitBatch } from '../codec/batch'
import type { MessageContent } from '../codec/content'
import { parseMessage } from '../codec/parse-message'
import type { Entity } from '../entity'
import { type AmqpError, diskFailed, SERVER_BUSY, wireError } from './amqp-error'
import type { Broker } from './broker'
import { refuseContents, refuseSize } from './check-admission'
import type { IncomingMessage, LinkHandler } from './link-handler'
import type { ReceiverInternals } from './rhea-private'
import { receivedBytes } from './rhea-workarounds'

/** A link on which a client sends to one queue. */
export class PublisherLink implements LinkHandler {
  constructor(
    private readonly broker: Broker,
    private readonly entity: Entity,
    private readonly link: ReceiverInternals,
  ) {}

  onMessage({ message, format, delivery }: IncomingMessage): void {
    const { namespace } = this.broker
    const admitted = this.#admit(message as Buffer, format)
    if ('condition' in admitted) {
      delivery.reject(wireError(admitted))
      return
    }
    const nowMs = namespace.clock()
    this.entity.accessedAtMs = nowMs
    this.entity.queue.enqueue(admitted, nowMs)
    namespace.whenDurable((error) => {
      if (!this.link.is_open()) return
      if (error) delivery.reject(wireError(diskFailed(error)))
      else delivery.accept()
    })
  }

  onClosed(): void {}

  /** The messages of a delivery, or why they are not taken. */
  #admit(bytes: Buffer, format: number | undefined): MessageContent[] | AmqpError {
    const { limits, faults } = this.broker
    const { queue } = this.entity
    // Of what is too large not all was kept.
    const contents = refuseSize(receivedBytes(this.link), queue, limits.maxMessageBytes) ?? readContents(bytes, format)
    if ('condition' in contents) return contents
    if (faults.strikes('answerServerBusy', queue.name)) return SERVER_BUSY
    return refuseContents(contents, queue) ?? contents
  }
}

function readContents(bytes: Buffer, format: number | undefined): MessageContent[] | AmqpError {
  try {
    return format === BATCH_FORMAT ? splitBatch(bytes).map(parseMessage) : [parseMessage(bytes)]
  } catch (error) {
    return { condition: 'amqp:decode-error', description: `The message is not AMQP: ${(error as Error).message}.` }
  }
}
