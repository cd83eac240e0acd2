import { settleWithin } from '../settle-within'
import { registerEngine, removeEngine, renewEngine } from './lease-store'

/** Part of the lease that is kept for ending what runs, before another engine may begin. */
const MARGIN = 0.1
const BEATS_PER_LEASE = 5

/**
 * `none`: this engine is not in the database. `held`: it is, and so are its leases. `lapsed`: no heartbeat got through
 * for as long as a lease lasts, so another engine may have taken its flows, or nobody could.
 */
type TenureState = 'none' | 'held' | 'lapsed'

export type TenureListener = {
  /** Nobody may rely on the leases for now. */
  onLapsed(): void
  /** They were ours all the time. */
  onConfirmed(): void
  /** They are somebody else's; this engine goes on under a new name. */
  onLost(): void
  /** Does what is wanted of the database and notes whether it answers. */
  attempt<T>(work: () => Promise<T>): Promise<T>
}

/** Keeps this engine's row in the database alive, and knows by the local monotonic clock how long it surely is. */
export class Tenure {
  readonly #leaseMs: number
  readonly #listener: TenureListener
  #state: TenureState = 'none'
  #engineId: string | undefined
  #beats: NodeJS.Timeout | undefined
  #lapse: NodeJS.Timeout | undefined
  /** On the local monotonic clock: until then nobody else can have our flows. */
  #heldUntil = 0
  #isEnded = false
  #beating: Promise<void> | undefined

  constructor(leaseMs: number, listener: TenureListener) {
    this.#leaseMs = leaseMs
    this.#listener = listener
  }

  /** Undefined unless the leases surely hold. */
  get engineId(): string | undefined {
    return this.#state === 'held' ? this.#engineId : undefined
  }

  /** Begins to beat; a database that does not answer yet is tried again with each beat. */
  async start(): Promise<void> {
    this.#beats = setInterval(() => void this.beat(), this.#leaseMs / BEATS_PER_LEASE)
    await this.beat()
  }

  /** One heartbeat at a time. Never rejects. */
  beat(): Promise<void> {
    // An answer that never comes must not keep later beats from being sent over another connection.
    this.#beating ??= settleWithin(this.#beat(), this.#leaseMs / 2).finally(() => {
      this.#beating = undefined
    })
    return this.#beating
  }

  /** Leaves the database, and with it all leases. Waits for a beat that is under way. */
  async end(): Promise<void> {
    this.#isEnded = true
    clearInterval(this.#beats)
    await this.#beating
    clearTimeout(this.#lapse)
    const id = this.#engineId
    this.#engineId = undefined
    this.#state = 'none'
    if (id) await removeEngine(id)
  }

  async #beat(): Promise<void> {
    // The row expires by what the database reads on its clock after this moment: ours ends sooner.
    const sentAt = performance.now()
    const { attempt } = this.#listener
    const id = this.#engineId
    try {
      const isAlive = id !== undefined && (await attempt(() => renewEngine(id, this.#leaseMs)))
      // A late answer to an earlier beat may come when the name has changed already: it says nothing of the new one.
      if (this.#engineId !== id || this.#isEnded) return
      if (isAlive) this.#extend(sentAt)
      else await this.#register(sentAt)
    } catch {
      // The watch has noted it; the next beat tries again.
    }
  }

  async #register(sentAt: number): Promise<void> {
    if (this.#engineId) this.#listener.onLost()
    this.#engineId = undefined
    this.#state = 'none'
    clearTimeout(this.#lapse)
    const id = await this.#listener.attempt(() => registerEngine(this.#leaseMs))
    if (this.#engineId || this.#isEnded) return await removeEngine(id)
    this.#engineId = id
    this.#extend(sentAt)
  }

  #extend(sentAt: number): void {
    const until = sentAt + this.#leaseMs * (1 - MARGIN)
    if (until <= this.#heldUntil) return
    this.#heldUntil = until
    clearTimeout(this.#lapse)
    this.#lapse = setTimeout(() => this.#onLapse(), Math.max(0, until - performance.now()))
    const wasLapsed = this.#state === 'lapsed'
    this.#state = 'held'
    if (wasLapsed) this.#listener.onConfirmed()
  }

  #onLapse(): void {
    if (this.#state !== 'held') return
    this.#state = 'lapsed'
    this.#listener.onLapsed()
  }
}
