import { MEMORY_MEASURE_INTERVAL_MS, SLOW_START_MS } from '../limits'
import type { RunnableVersion, WorkerExitReason } from '../port'
import type { CallQueue } from './call-queue'
import type { CrashBackOff } from './crash-back-off'
import type { Place } from './hand-out'
import type { StartForecast } from './start-forecast'
import { Worker } from './worker'
import type { WorkerHost } from './worker-launch'

/** Calls and workers that may meet: one version for one caller. */
export type Group = {
  key: string
  version: RunnableVersion
  slots: Set<Slot>
  queue: CallQueue<Place>
  backOff: CrashBackOff
  forecast: StartForecast
  /** What its last measured worker used: the best guess for its next one. */
  memoryBytes: number | undefined
  /** Event flows that want a worker ready. */
  keepers: number
  /** When its last worker was started, by `performance.now()`. */
  startedAt: number
  /** Workers that were worn out and of which each is replaced when a call next waits for one. */
  wornOut: number
  /** So many of its last workers were killed from outside while they loaded. */
  killedStarts: number
  /** Its last worker never became ready, and not because of one such kill: once is no sign against the version. */
  hasFailedToLoad: boolean
}

/** A worker and what the pool knows of it. */
export class Slot {
  readonly worker: Worker
  readonly group: Group
  readonly #startedAt = performance.now()
  /** Free for a call. */
  isReady = false
  /** A call will be begun before this turn of the event loop is over, */
  isPromised = false
  /** and so many will be sent ahead. */
  promisedAhead = 0
  /** Why it takes no further call. */
  retiredFor: WorkerExitReason | undefined
  readyAt = 0
  idleSince = Date.now()
  memoryBytes: number | undefined
  #measuredAt = 0

  constructor(host: WorkerHost, group: Group) {
    this.group = group
    this.worker = new Worker(host, group.version)
  }

  /** Ready, and nothing to do. */
  get isIdle(): boolean {
    return this.isReady && !this.retiredFor && this.worker.state === 'idle'
  }

  /** Calls that were sent ahead and have not begun. */
  get ahead(): number {
    return this.promisedAhead + this.worker.ahead
  }

  /** Busy, or so good as, and fit for a further call behind. */
  get takesAhead(): boolean {
    return (this.isPromised || this.worker.state === 'busy') && this.worker.takesAhead
  }

  /** On its way, and not for so long that others should wait no more. */
  get isStarting(): boolean {
    return this.worker.state === 'starting' && performance.now() - this.#startedAt < SLOW_START_MS
  }

  becomeReady(): void {
    this.isReady = true
    this.readyAt = performance.now()
    this.idleSince = Date.now()
    this.group.forecast.noteStart(this.readyAt - this.#startedAt)
  }

  isMeasureDue(maxAgeMs = MEMORY_MEASURE_INTERVAL_MS): boolean {
    return Date.now() - this.#measuredAt >= maxAgeMs
  }

  /** Asks the system what it uses, unless that was done a moment ago. */
  async measure(maxAgeMs = MEMORY_MEASURE_INTERVAL_MS): Promise<void> {
    if (!this.isMeasureDue(maxAgeMs)) return
    this.#measuredAt = Date.now()
    const bytes = await this.worker.measureMemory()
    if (bytes === undefined) return
    this.memoryBytes = bytes
    this.group.memoryBytes = bytes
  }
}
