import type { Broker, Delivery } from './broker/port'

/** How long the broker may take to say whether a message is still on the queue. */
const LOOK_LIMIT_MS = 8_000

/** Knows whether the broker dead-letters what is given back: a queue allows so many deliveries of a message. */
export class DeliveryLimit {
  readonly #broker: Pick<Broker, 'queueFacts' | 'peek'>
  readonly #queueName: string
  /** Asked for by the first message that needs it: a thousand idle queues need not be asked when they connect. */
  #maximum: Promise<number | null> | undefined
  /** After so many deliveries a message was still on the queue. */
  #allowed = 0

  constructor(broker: Pick<Broker, 'queueFacts' | 'peek'>, queueName: string) {
    this.#broker = broker
    this.#queueName = queueName
  }

  /** The queue may have been changed, or made anew. */
  forget(): void {
    this.#maximum = undefined
    this.#allowed = 0
  }

  /**
   * Whether a message that was given back just now is off the queue. The maximum is told only to a key with the Manage
   * right; with any other the queue is looked at. False when the broker does not answer: nobody knows then. Never rejects.
   */
  async isOver({ attempt, message: { sequenceNumber } }: Delivery): Promise<boolean> {
    this.#maximum ??= this.#broker.queueFacts(this.#queueName).then((facts) => facts?.maxDeliveryCount ?? null)
    const maximum = await this.#maximum
    if (maximum !== null) return attempt >= maximum
    if (attempt <= this.#allowed) return false
    try {
      const signal = AbortSignal.timeout(LOOK_LIMIT_MS)
      const options = { fromSequenceNumber: sequenceNumber, maxCount: 1, signal }
      const [first] = await this.#broker.peek(this.#queueName, options)
      if (first?.sequenceNumber !== sequenceNumber) return true
      this.#allowed = attempt
      return false
    } catch {
      return false
    }
  }
}
