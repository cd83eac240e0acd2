import os from 'node:os'
import {
  MAX_WORKERS,
  SECOND_MS,
  SLOW_START_MS,
  SURPLUS_IDLE_MS,
  WARM_WORKERS_PER_VERSION,
  WORKER_IDLE_MS,
  WORKER_MAX_AGE_MS,
  WORKER_MAX_CALLS,
  WORKER_RECYCLE_MEMORY_SHARE,
} from '../limits'
import type { RunError, RuntimePolicy, RuntimeStats, WorkerExitReason } from '../port'
import { busyLeaver, leastRecentlyUsed, surplusWorkers } from './choose-leaver'
import { isKept } from './kept-groups'
import { MemoryBudget } from './memory-budget'
import type { WorkerHost } from './worker-launch'
import { type Group, Slot } from './worker-slot'

export type WorkforceSettings = {
  host: WorkerHost
  policy?: Partial<RuntimePolicy>
  maxWorkers?: number
  idleMs?: number
  surplusIdleMs?: number
  maxCalls?: number
}

type Listener = {
  /** A worker is ready, or never will be: then with the error. */
  onReady: (slot: Slot, error: RunError | undefined) => void
  /** There may be room, or a start less; the group lost a worker, if one is named. */
  onChange: (group?: Group) => void
}

const SWEEP_INTERVAL_MS = 5 * SECOND_MS
/** Starts at once. More would only make each of them slower. */
const MAX_CONCURRENT_STARTS = Math.max(2, os.availableParallelism() + 1)

/** All workers of a server: starts them, and lets go of those that are idle, worn out or in the way of others. */
export class Workforce {
  /** Every worker whose process may still be there. */
  readonly slots = new Set<Slot>()
  readonly ends: RuntimeStats['ends'] = {}
  starts = 0
  readonly #host: WorkerHost
  readonly #listener: Listener
  readonly #budget: MemoryBudget
  readonly #maxWorkers: number
  readonly #idleMs: number
  readonly #surplusIdleMs: number
  readonly #maxCalls: number
  readonly #sweeper: NodeJS.Timeout
  #warmLimit: number

  constructor({ host, policy, maxWorkers, idleMs, surplusIdleMs, maxCalls }: WorkforceSettings, listener: Listener) {
    this.#host = host
    this.#listener = listener
    this.#maxWorkers = maxWorkers ?? MAX_WORKERS
    this.#idleMs = idleMs ?? WORKER_IDLE_MS
    this.#surplusIdleMs = surplusIdleMs ?? SURPLUS_IDLE_MS
    this.#maxCalls = maxCalls ?? WORKER_MAX_CALLS
    this.#warmLimit = policy?.warmWorkersPerVersion ?? WARM_WORKERS_PER_VERSION
    this.#budget = new MemoryBudget(policy?.memoryBudgetBytes ?? null)
    const interval = Math.min(SWEEP_INTERVAL_MS, this.#idleMs, this.#surplusIdleMs)
    this.#sweeper = setInterval(() => void this.#sweep(), interval).unref()
  }

  get budgetBytes(): number {
    return this.#budget.limitBytes
  }

  configure({ warmWorkersPerVersion, memoryBudgetBytes, egressAllowList }: RuntimePolicy): void {
    this.#warmLimit = warmWorkersPerVersion
    this.#budget.limitBytes = new MemoryBudget(memoryBudgetBytes).limitBytes
    if (egressAllowList.join() !== this.#host.egressAllowList.join()) {
      this.#host.egressAllowList = egressAllowList
      // What a worker may reach is settled when it starts.
      this.retireAll((slot) => slot.group.version.networkAccess === 'full')
    }
    this.keepBudget()
  }

  /** Ends all of them, whatever they do. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    await Promise.all([...this.slots].map(({ worker }) => worker.end('closing')))
  }

  // --- starting

  mayStart(): boolean {
    return [...this.slots].filter((slot) => slot.isStarting).length < MAX_CONCURRENT_STARTS
  }

  start(group: Group): void {
    this.starts++
    group.startedAt = performance.now()
    group.wornOut = Math.max(0, group.wornOut - 1)
    const slot = new Slot(this.#host, group)
    group.slots.add(slot)
    this.slots.add(slot)
    const timer = setTimeout(() => this.#listener.onChange(), SLOW_START_MS).unref()
    void slot.worker.ready.then((error) => {
      clearTimeout(timer)
      this.#onReady(slot, error)
    })
    void slot.worker.ended.then((exit) => {
      this.ends[exit.reason] = (this.ends[exit.reason] ?? 0) + 1
      this.#host.logger.debug({ algorithm: group.version.algorithmName, ...exit }, 'worker ended')
      this.slots.delete(slot)
      group.slots.delete(slot)
      this.#listener.onChange(group)
    })
  }

  #onReady(slot: Slot, error: RunError | undefined): void {
    if (slot.retiredFor) {
      void slot.worker.end(slot.retiredFor)
      this.#listener.onChange()
      return
    }
    const { group } = slot
    group.killedStarts = slot.worker.wasKilledLoading ? group.killedStarts + 1 : 0
    group.hasFailedToLoad = error !== undefined && group.killedStarts !== 1
    if (error) group.slots.delete(slot)
    else {
      slot.becomeReady()
      void slot.measure(0).then(() => this.keepBudget())
    }
    this.#listener.onReady(slot, error)
  }

  hasRoom(group: Group): boolean {
    const counted = [...this.slots].filter((slot) => !slot.retiredFor || slot.worker.state === 'busy')
    return counted.length < this.#maxWorkers && this.#budget.hasRoomFor(group, this.slots)
  }

  // --- letting go

  /** A worker is free again. */
  release(slot: Slot): void {
    slot.isReady = true
    slot.idleSince = Date.now()
    if (slot.retiredFor) this.retire(slot, slot.retiredFor)
    else this.inspect(slot)
  }

  /** A worker has ended a call: lets it go when it is worn out, if not before its other calls. */
  inspect(slot: Slot): void {
    if (slot.retiredFor) return
    if (this.#isWornOut(slot)) this.retire(slot, 'worn_out')
    else if (slot.isMeasureDue()) void slot.measure().then(() => this.keepBudget())
  }

  #isWornOut({ worker, memoryBytes = 0, group }: Slot): boolean {
    return (
      worker.servedCalls >= this.#maxCalls ||
      Date.now() - worker.startedAt > WORKER_MAX_AGE_MS ||
      memoryBytes > group.version.limits.memoryBytes * WORKER_RECYCLE_MEMORY_SHARE
    )
  }

  /** Ends a worker when it has nothing to do; a busy one after its call. What it was sent ahead it does not begin. */
  retire(slot: Slot, reason: WorkerExitReason): void {
    // One that goes for another reason tells that there were more than enough.
    if (!slot.retiredFor) slot.group.wornOut = reason === 'worn_out' ? slot.group.wornOut + 1 : 0
    slot.retiredFor = reason
    slot.group.slots.delete(slot)
    if (slot.isReady || slot.worker.state === 'starting') void slot.worker.end(reason)
    else slot.worker.takeBack()
  }

  retireAll(isMeant: (slot: Slot) => boolean): void {
    for (const slot of this.slots) if (isMeant(slot) && !slot.retiredFor) this.retire(slot, 'dropped')
  }

  /** Lets idle workers of others go until there is room; or marks a busy one to go after its call. */
  makeRoom(forGroup: Group): boolean {
    while (!this.hasRoom(forGroup)) {
      const leaver = leastRecentlyUsed(this.slots, forGroup)
      if (!leaver) {
        const busy = busyLeaver(this.slots, forGroup)
        if (busy) this.retire(busy, 'evicted')
        return false
      }
      this.retire(leaver, 'evicted')
    }
    return true
  }

  /** Workers grow while they work: what they use now may be more than what they were started for. */
  keepBudget(): void {
    while (this.#budget.isExceededBy(this.slots)) {
      const leaver = leastRecentlyUsed(this.slots)
      if (!leaver) return
      this.retire(leaver, 'evicted')
    }
  }

  async #sweep(): Promise<void> {
    const unused = [...this.slots].filter((slot) => slot.isIdle && Date.now() - slot.idleSince > this.#idleMs)
    this.#retireUnlessKept(unused, 'idle')
    this.#retireUnlessKept(surplusWorkers(this.slots, this.#warmLimit, this.#surplusIdleMs), 'surplus')
    for (const slot of [...this.slots]) await slot.measure()
    this.keepBudget()
    this.#listener.onChange()
  }

  #retireUnlessKept(slots: Slot[], reason: WorkerExitReason): void {
    for (const slot of slots) if (!isKept(slot)) this.retire(slot, reason)
  }
}
