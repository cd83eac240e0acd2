import os from 'node:os'
import { LASTING_BACKLOG_MS, MAX_START_PATIENCE_MS, UNMEASURED_START_MS } from '../limits'

/** Calls that wait, and the workers that are there for them. */
export type Demand = {
  queued: number
  /** How long the first of the waiting calls waits. */
  waitedMs: number
  /** How long there has been a waiting call without a break. */
  backlogMs: number
  /** Workers that serve calls, busy ones included. */
  ready: number
  starting: number
}

/** How much of the processors' time was left over lately, from 0 to 1. */
type IdleShare = { take: () => number | undefined }

/** With fewer workers than processors a further one helps in any case; a second one also bridges a slow call. */
export const ENOUGH_WORKERS = Math.max(2, os.availableParallelism())
/** Odd, so that one is in the middle: four that the machine held up do not count. */
const REMEMBERED_CALLS = 9
/** Where this much is left over, calls wait for something else than processors, and more of them could do so at once. */
const MUCH_IDLE = 0.5

/**
 * Foresees, from what the calls and starts of one version took lately, whether a further worker would be ready before
 * those that are there have served everybody who waits.
 */
export class StartForecast {
  readonly #idleShare: IdleShare
  readonly #enough: number
  readonly #callsMs: number[] = []
  #nextCall = 0
  #typicalCallMs: number | undefined
  #startMs = UNMEASURED_START_MS

  constructor(idleShare: IdleShare, enoughWorkers = ENOUGH_WORKERS) {
    this.#idleShare = idleShare
    this.#enough = enoughWorkers
  }

  noteCall(durationMs: number): void {
    this.#callsMs[this.#nextCall] = durationMs
    this.#nextCall = (this.#nextCall + 1) % REMEMBERED_CALLS
    this.#typicalCallMs = undefined
  }

  /** What a call takes as a rule; undefined before the first one. */
  get typicalCallMs(): number | undefined {
    if (this.#typicalCallMs === undefined) {
      const sorted = [...this.#callsMs].sort((a, b) => a - b)
      this.#typicalCallMs = sorted[sorted.length >> 1]
    }
    return this.#typicalCallMs
  }

  noteStart(tookMs: number): void {
    this.#startMs = Math.min(tookMs, MAX_START_PATIENCE_MS)
  }

  /**
   * How long the next start can wait, in ms; 0 when it is to be made now. No call waits for longer than a start takes
   * before one is made: workers that are stuck in calls that take longer than usual get company.
   */
  patienceMs({ queued, waitedMs, backlogMs, ready, starting }: Demand): number {
    if (ready === 0 || ready + starting < this.#enough || this.typicalCallMs === undefined) return 0
    const servedInMs = (queued * this.typicalCallMs) / ready
    const patienceMs = servedInMs < this.#startMs ? Math.max(0, this.#startMs - waitedMs) : 0
    // Calls that come as fast as they are served never wait for long, and yet more workers may serve more of them.
    const isLasting = patienceMs > 0 && backlogMs > LASTING_BACKLOG_MS
    return isLasting && (this.#idleShare.take() ?? 0) > MUCH_IDLE ? 0 : patienceMs
  }
}
