import type { BrokerFault } from './broker/fault'
import type { Broker, Receiver } from './broker/port'
import type { InFlightDelivery } from './current'
import { Dispatcher, type DispatcherParts } from './dispatcher'
import { settleWithin } from './settle-within'

/** Messages of one flow that are in work at a time. */
export const DEFAULT_SLOTS = 16

/** How long a killed run may take to be given back. */
const KILL_LIMIT_MS = 5_000

export type LinkParts = Omit<DispatcherParts, 'maxDeliveryCount'> & {
  slots?: number
  onConnected(): void
  onFault(fault: BrokerFault): void
}

/**
 * One connection to a flow's queue with the deliveries that came over it; they are settled over it too, so it is kept
 * until the last one is. Tells nothing more once it is closed.
 */
export class Link {
  readonly #broker: Broker
  readonly #receiver: Receiver
  readonly #dispatcher: Dispatcher
  #isUp = false
  #isClosing = false
  #maxDeliveryCount: number | null = null

  constructor(broker: Broker, parts: LinkParts) {
    const { queueName } = parts.flow
    this.#broker = broker
    this.#dispatcher = new Dispatcher({ ...parts, maxDeliveryCount: () => this.#maxDeliveryCount })
    this.#receiver = broker.receive(queueName, parts.slots ?? DEFAULT_SLOTS, {
      onDelivery: (delivery) => this.#dispatcher.deliver(delivery),
      onConnected: () => {
        if (this.#isClosing) return
        this.#isUp = true
        void this.#readMaxDeliveryCount(queueName)
        parts.onConnected()
      },
      onFault: (fault) => {
        if (this.#isClosing) return
        this.#isUp = false
        parts.onFault(fault)
      },
    })
  }

  get isUp(): boolean {
    return this.#isUp
  }

  inFlight(): InFlightDelivery[] {
    return this.#dispatcher.inFlight()
  }

  /**
   * Takes nothing more, waits up to `drainMs` (or until `hurry`) for what is in work, with held messages given back at
   * once; kills the rest and gives it back; closes. Never rejects.
   */
  async close(drainMs: number, hurry: AbortSignal): Promise<void> {
    this.#isClosing = true
    this.#isUp = false
    await this.#receiver.stopIntake()
    this.#dispatcher.releaseHeld()
    await settleWithin(Promise.race([this.#dispatcher.whenIdle(), aborted(hurry)]), drainMs)
    this.#dispatcher.killRuns()
    await settleWithin(this.#dispatcher.whenIdle(), KILL_LIMIT_MS)
    await this.#receiver.close()
    await this.#broker.close()
  }

  async #readMaxDeliveryCount(queueName: string): Promise<void> {
    const facts = await this.#broker.queueFacts(queueName)
    this.#maxDeliveryCount = facts?.maxDeliveryCount ?? this.#maxDeliveryCount
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
