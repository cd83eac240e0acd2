import { setTimeout as sleep } from 'node:timers/promises'
import { BrokerError, readFault } from './broker/fault'
import type { Broker, Delivery, LockedSession, Receiver, ReceiverListener } from './broker/port'
import { TryPace } from './broker/try-pace'
import { type HeldLock, keepLock } from './keep-lock'
import { settleWithin } from './settle-within'
import type { Slots } from './slots'

/** How long a session is kept without a message: a sender's next one comes without another lock. */
const IDLE_SESSION_MS = 1_000
/** A queue without sessions refuses at once; a queue with sessions keeps the request until a session is free. */
const REFUSAL_MS = 500
/** Sessions that wait for their back-off take no slot; beyond this many no further session is taken. */
const MAX_HELD_SESSIONS = 64
const CLOSE_LIMIT_MS = 5_000

/**
 * Receives session by session: at most as many sessions are in work as there are slots, each session's messages one
 * after the other. The next message of a session is asked for only when the one before is settled, so a message that
 * fails keeps its session waiting through its back-off, and the order holds.
 */
export class SessionIntake implements Receiver {
  readonly #broker: Broker
  readonly #queueName: string
  readonly #slots: Slots
  readonly #listener: ReceiverListener
  readonly #pace = new TryPace()
  readonly #stop = new AbortController()
  readonly #serving = new Set<Promise<void>>()
  /** Sessions that wait for their next message: each may want a slot at any moment. */
  #idle = 0
  #isConnected = false
  /** Ends the waiting for room: a slot is free, a session is done, or nothing more is wanted. */
  #wake = () => {}

  constructor(broker: Broker, queueName: string, slots: Slots, listener: ReceiverListener) {
    this.#broker = broker
    this.#queueName = queueName
    this.#slots = slots
    this.#listener = listener
    this.#stop.signal.addEventListener('abort', () => this.#wake(), { once: true })
    void this.#acceptForever()
  }

  /** Sessions without a message in work are let go of at once, the others when it is settled. */
  async stopIntake(): Promise<void> {
    this.#stop.abort()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await settleWithin(Promise.all(this.#serving), CLOSE_LIMIT_MS)
  }

  async #acceptForever(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        if (!this.#isConnected) await this.#connect()
        else await this.#acceptOne()
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#isConnected = false
        const nextTryAt = this.#pace.noteFailure()
        this.#listener.onFault(readFault(error), nextTryAt)
        await sleep(nextTryAt.getTime() - Date.now(), undefined, { signal: this.#stop.signal }).catch(() => {})
      }
    }
  }

  /** A queue without a free session stays silent, so the link counts as standing once it was not refused. */
  async #connect(): Promise<void> {
    await this.#broker.peek(this.#queueName, { maxCount: 1 })
    const accepted = this.#acceptOne()
    await Promise.race([accepted, sleep(REFUSAL_MS)])
    if (this.#stop.signal.aborted) return
    this.#isConnected = true
    this.#pace.noteSuccess()
    this.#listener.onConnected()
    await accepted
  }

  async #acceptOne(): Promise<void> {
    await this.#untilRoom()
    if (this.#stop.signal.aborted) return
    const session = await this.#broker.acceptSession(this.#queueName)
    if (!session) return
    if (this.#stop.signal.aborted) return session.close()
    const serving = this.#serve(session).finally(() => {
      this.#serving.delete(serving)
      this.#wake()
    })
    this.#serving.add(serving)
  }

  async #untilRoom(): Promise<void> {
    const hasRoom = () => this.#slots.free > this.#idle && this.#serving.size < this.#slots.count + MAX_HELD_SESSIONS
    while (!hasRoom() && !this.#stop.signal.aborted) {
      this.#slots.onNextGive(() => this.#wake())
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async #serve(session: LockedSession): Promise<void> {
    let lock: HeldLock | undefined
    try {
      while (!this.#stop.signal.aborted && !lock?.isLost) {
        const delivery = await this.#next(session)
        if (!delivery) return
        // Not before its first message, which tells how far the clocks differ.
        lock ??= keepLock(session, () => {})
        await this.#listener.onDelivery(ofSession(delivery, lock))
      }
    } catch (error) {
      const fault = readFault(error)
      if (fault.kind !== 'aborted' && fault.kind !== 'lock_lost' && !this.#stop.signal.aborted) {
        this.#listener.onFault(fault, new Date())
        this.#isConnected = false
      }
    } finally {
      lock?.release()
      await session.close()
    }
  }

  async #next(session: LockedSession): Promise<Delivery | null> {
    this.#idle += 1
    try {
      return await session.next(IDLE_SESSION_MS, this.#stop.signal)
    } finally {
      this.#idle -= 1
    }
  }
}

/** A message of a session is ours for as long as the session is: its lock is the session's, renewed in one place. */
function ofSession(delivery: Delivery, lock: HeldLock): Delivery {
  return {
    ...delivery,
    lockedUntil: lock.lockedUntil,
    renewLock: async () => {
      if (lock.isLost) throw new BrokerError({ kind: 'lock_lost', detail: 'the lock of the session is lost' })
      return lock.lockedUntil
    },
  }
}
