import type { BrokerFault } from './broker/fault'
import type { Broker, Delivery, InHand, Message, Receiver } from './broker/port'
import type { InFlightDelivery } from './current'
import { DeliveryLimit } from './delivery-limit'
import { Dispatcher, type DispatcherParts } from './dispatcher'
import { NewMessages } from './new-messages'
import { SessionIntake } from './session-intake'
import { settleWithin } from './settle-within'

/** How long a killed run may take to be given back. */
const KILL_LIMIT_MS = 5_000
/** A client that has not connected after this long is not going to. */
const CONNECT_LIMIT_MS = 30_000
/** How long the broker may take to say whether messages wait. */
const LOOK_LIMIT_MS = 8_000

/**
 * The AMQP session of a link carries 2,047 deliveries beyond the oldest unsettled one and then stops in silence. A link
 * is replaced when so many have come: what was granted before still comes, one a slot.
 */
export const RECYCLE_AFTER_DELIVERIES = 1_500

export type LinkParts = Omit<DispatcherParts, 'deliveryLimit' | 'newMessages'> & {
  recycleAfterDeliveries?: number
  onConnected(): void
  onFault(fault: BrokerFault, nextTryAt: Date): void
  /** It is not going to connect soon: another link must take over. */
  onStuck(): void
  /** A message came. */
  onLife(): void
  /** So many deliveries stand behind an unsettled one that another link must take over; told once. */
  onExhausted(): void
}

/**
 * One connection to a flow's queue with the deliveries that came over it; they are settled over it too, so it is kept
 * until the last one is. Tells nothing more once it is closed.
 */
export class Link {
  readonly #broker: Broker
  readonly #receiver: Receiver
  readonly #dispatcher: Dispatcher
  readonly #deliveryLimit: DeliveryLimit
  readonly #newMessages: NewMessages
  readonly #parts: LinkParts
  readonly #hurry = new AbortController()
  readonly #openedAt = performance.now()
  #isUp = false
  #hasToldFaults = false
  #isExhausted = false
  #releasesHeld = false
  /** The intake has stopped, not only been told to. */
  #takesNothing = false
  #closed: Promise<void> | undefined
  #deadline: NodeJS.Timeout | undefined

  constructor(broker: Broker, parts: LinkParts) {
    this.#broker = broker
    this.#parts = parts
    const { queueName, messageOrder } = parts.flow
    this.#deliveryLimit = new DeliveryLimit(broker, queueName)
    this.#newMessages = new NewMessages((signal) => parts.recorder.findHighestNumber(parts.flow.id, signal))
    const known = { deliveryLimit: this.#deliveryLimit, newMessages: this.#newMessages }
    this.#dispatcher = new Dispatcher({ ...parts, ...known })
    const listener = {
      onDelivery: (delivery: Delivery) => this.#deliver(delivery),
      onConnected: () => this.#onConnected(),
      onFault: (fault: BrokerFault, nextTryAt: Date) => {
        if (this.#closed) return
        this.#isUp = false
        this.#hasToldFaults = true
        parts.onFault(fault, nextTryAt)
      },
      onStuck: () => {
        if (!this.#closed) parts.onStuck()
      },
    }
    this.#receiver =
      messageOrder === 'session'
        ? new SessionIntake(broker, queueName, parts.slots, listener)
        : broker.receive(queueName, parts.slots.count, listener)
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Whether it has had more than enough time to connect, and has not. */
  get isStuck(): boolean {
    return !this.#isUp && performance.now() - this.#openedAt > CONNECT_LIMIT_MS
  }

  /** Whether it has said at least once why it does not stand. */
  get hasToldFaults(): boolean {
    return this.#hasToldFaults
  }

  inFlight(): InFlightDelivery[] {
    return this.#dispatcher.inFlight()
  }

  /** What the broker shows on the queue although it is ours at the moment. */
  messagesInHand(): Message[] {
    return this.#dispatcher.messages()
  }

  /** Whether messages wait on the queue besides those in hand. Rejects when the broker does not answer in time. */
  hasWaiting(inHand: InHand): Promise<boolean> {
    return this.#broker.hasWaiting(this.#parts.flow.queueName, inHand, AbortSignal.timeout(LOOK_LIMIT_MS))
  }

  /** Takes nothing more, and closes when the last delivery is settled, however long that takes. Never rejects. */
  retire(): Promise<void> {
    this.#closed ??= this.#close().finally(() => clearTimeout(this.#deadline))
    return this.#closed
  }

  /**
   * Takes nothing more, waits for what is in work, `drainMs` at most (null: as long as it takes), with held messages
   * given back at once; kills the rest and gives it back; closes. Later calls wait too, and may shorten the time.
   * Never rejects.
   */
  close(drainMs: number | null): Promise<void> {
    this.#releasesHeld = true
    const closed = this.retire()
    // Not before: what is given back would come again at once.
    if (this.#takesNothing) this.#dispatcher.releaseHeld()
    if (drainMs !== null) {
      clearTimeout(this.#deadline)
      this.#deadline = setTimeout(() => this.#hurry.abort(), drainMs)
    }
    return closed
  }

  /** Ends the waiting of a close that is going on. */
  hurry(): void {
    this.#hurry.abort()
  }

  async #close(): Promise<void> {
    this.#isUp = false
    await this.#receiver.stopIntake()
    this.#takesNothing = true
    if (this.#releasesHeld) this.#dispatcher.releaseHeld()
    await Promise.race([this.#dispatcher.whenIdle(), aborted(this.#hurry.signal)])
    this.#dispatcher.killRuns()
    await settleWithin(this.#dispatcher.whenIdle(), KILL_LIMIT_MS)
    await this.#receiver.close()
    await this.#broker.close()
  }

  #onConnected(): void {
    if (this.#closed) return
    this.#isUp = true
    this.#deliveryLimit.forget()
    this.#newMessages.forget()
    this.#parts.onConnected()
  }

  #deliver(delivery: Delivery): Promise<void> {
    this.#parts.onLife()
    const delivered = this.#dispatcher.deliver(delivery)
    const limit = this.#parts.recycleAfterDeliveries ?? RECYCLE_AFTER_DELIVERIES
    if (!this.#isExhausted && !this.#closed && this.#dispatcher.deliveriesSinceOldest() >= limit) {
      this.#isExhausted = true
      this.#parts.onExhausted()
    }
    return delivered
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
