import type { Delivery } from 'rhea'
import { encodeMessage } from '../codec/encode-message'
import { newLockToken, toGuidOrder } from '../codec/lock-token'
import type { Consumer, Lock, Settlement, StoredMessage } from '../queue/message'
import type { MessageQueue } from '../queue/queue'
import type { Session } from '../queue/session'
import {
  type AmqpError,
  diskFailed,
  errorOf,
  LOCK_LOST,
  SESSION_LOCK_LOST,
  TOO_MANY_UNREAD,
  wireError,
} from './amqp-error'
import type { Broker } from './broker'
import { refuseGrowth } from './check-admission'
import type { ClientConnection } from './client-connection'
import type { LinkHandler } from './link-handler'
import { type OutcomeName, outcomeOf, rejectedWith } from './outcomes'
import type { SenderInternals } from './rhea-private'
import { CreditLedger, canSend } from './rhea-workarounds'
import { forgetDelivery, settleWithOutcome } from './sent-deliveries'

const SETTLED_FIRST = 1
const TAG_OF_SETTLED = Buffer.from('0')
/** Plain AMQP message. */
const MESSAGE_FORMAT = 0

/** A link on which a client receives from one queue or session. */
export class ConsumerLink implements Consumer, LinkHandler {
  readonly mode: Consumer['mode']
  /** Set once a session is accepted. */
  session: Session | null = null
  readonly #ledger: CreditLedger
  readonly #locks = new Map<Delivery, Lock>()
  /** Messages whose removal is not on disk yet, and their bytes. */
  #waitingForDisk = 0
  #waitingBytes = 0
  #isClosed = false

  constructor(
    private readonly broker: Broker,
    private readonly connection: ClientConnection,
    private readonly queue: MessageQueue,
    private readonly link: SenderInternals,
  ) {
    this.mode = link.snd_settle_mode === SETTLED_FIRST ? 'receive-and-delete' : 'peek-lock'
    this.#ledger = new CreditLedger(link)
  }

  credit(): number {
    if (this.#isClosed || !this.link.is_open()) return 0
    const credit = this.#ledger.available - this.#waitingForDisk
    if (credit <= 0) return 0
    const { maxUnreadBytes } = this.broker.limits
    return this.connection.hasRoom() && this.#ledger.pendingBytes + this.#waitingBytes < maxUnreadBytes ? credit : 0
  }

  deliver(message: StoredMessage, lock: Lock | null): void {
    if (lock) {
      const delivery = this.#send(encodeMessage(message, lock.untilMs), toGuidOrder(lock.token))
      this.#locks.set(delivery, lock)
      // However it ends: a client that never settles would otherwise keep the delivery, and its message, for ever.
      lock.onEnded = () => {
        this.#locks.delete(delivery)
        forgetDelivery(delivery)
      }
      if (this.broker.faults.strikes('duplicateDeliveries', this.queue.name)) this.#sendAgain(message, lock)
      return
    }
    // At most once: the removal must survive a crash before the message leaves.
    const bytes = encodeMessage(message, 0)
    this.#waitingForDisk++
    this.#waitingBytes += bytes.length
    this.broker.namespace.whenDurable((error) => {
      this.#waitingForDisk--
      this.#waitingBytes -= bytes.length
      if (this.#isClosed || error) return
      // Several such links on one session may have counted on the same room.
      if (canSend(this.link)) this.#send(bytes, TAG_OF_SETTLED)
      else this.link.close(wireError(TOO_MANY_UNREAD))
    })
  }

  loseSession(): void {
    if (!this.#isClosed) this.link.close(wireError(SESSION_LOCK_LOST))
  }

  onFlow(): void {
    const nowMs = this.broker.namespace.clock()
    if (this.session) this.queue.pumpSession(this.session, nowMs)
    else this.queue.pump(nowMs)
  }

  /** Answers a drain after everything that was sent is written. */
  onDrain(): void {
    if (this.#isClosed) return
    this.onFlow()
    if (this.#ledger.pending > 0 || this.#waitingForDisk > 0) setImmediate(() => this.onDrain())
    else this.#ledger.acknowledgeDrain()
  }

  onOutcome(outcome: OutcomeName, delivery: Delivery): void {
    const { faults } = this.broker
    if (faults.strikes('loseDispositions', this.queue.name)) return
    const delayMs = faults.delayMs(this.queue.name)
    if (delayMs > 0) setTimeout(() => this.#settle(outcome, delivery), delayMs)
    else this.#settle(outcome, delivery)
  }

  onClosed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#locks.clear()
    this.queue.removeConsumer(this)
    // A plain receiver's locks stay: their messages can still be settled through `$management`.
    if (this.session) this.queue.sessionLocks.release(this.session, this, this.broker.namespace.clock())
  }

  #settle(outcome: OutcomeName, delivery: Delivery): void {
    const lock = this.#locks.get(delivery)
    if (!lock) {
      if (!delivery.settled) settleWithOutcome(delivery, rejectedWith(LOCK_LOST))
      return
    }
    this.#locks.delete(delivery)
    const { namespace, faults } = this.broker
    const refused = this.#apply(lock, settlementOf(outcome, delivery))
    if (faults.strikes('loseDispositionAnswers', this.queue.name)) return
    namespace.whenDurable((error) => {
      const refusal = error ? diskFailed(error) : refused
      settleWithOutcome(delivery, refusal ? rejectedWith(refusal) : outcomeOf(outcome))
    })
  }

  /** Settles; gives the reason when that can not be. */
  #apply(lock: Lock, settlement: Settlement): AmqpError | undefined {
    const { namespace, limits } = this.broker
    const tooLarge = refuseGrowth(lock.message, settlement, limits.maxMessageBytes)
    if (tooLarge) return tooLarge
    const result = this.queue.settle(lock, settlement, namespace.clock())
    return result === 'settled' ? undefined : errorOf(result)
  }

  /** A fault: the same delivery once more, under a tag that holds no lock. */
  #sendAgain(message: StoredMessage, lock: Lock): void {
    if (canSend(this.link)) forgetDelivery(this.#send(encodeMessage(message, lock.untilMs), newLockToken()))
  }

  #send(bytes: Buffer, tag: Buffer): Delivery {
    this.#ledger.countSent(bytes.length)
    this.connection.countBytes(bytes.length)
    return this.link.send(bytes, tag, MESSAGE_FORMAT)
  }
}

type RemoteState = {
  undeliverable_here?: boolean
  message_annotations?: Record<string, unknown>
  error?: { condition?: string; description?: string; info?: Record<string, unknown> }
}

/** Service Bus's meaning of AMQP outcomes: see the table in docs/broker.md. */
function settlementOf(outcome: OutcomeName, delivery: Delivery): Settlement {
  const state = (delivery.remote_state ?? {}) as RemoteState
  switch (outcome) {
    case 'accepted':
      return { kind: 'complete' }
    case 'released':
      return { kind: 'abandon', counted: false }
    case 'modified':
      return state.undeliverable_here
        ? { kind: 'defer', properties: state.message_annotations }
        : { kind: 'abandon', properties: state.message_annotations, counted: true }
    case 'rejected': {
      const { DeadLetterReason, DeadLetterErrorDescription, ...properties } = state.error?.info ?? {}
      return {
        kind: 'dead-letter',
        reason: textOf(DeadLetterReason) ?? state.error?.condition,
        description: textOf(DeadLetterErrorDescription) ?? state.error?.description,
        properties,
      }
    }
  }
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value)
}
