import os from 'node:os'
import {
  MAX_QUEUED_MS,
  MAX_WORKERS,
  MAX_WORKERS_PER_VERSION,
  SECOND_MS,
  SLOW_START_MS,
  SURPLUS_IDLE_MS,
  WARM_WORKERS_PER_VERSION,
  WORKER_IDLE_MS,
  WORKER_MAX_AGE_MS,
  WORKER_MAX_CALLS,
  WORKER_RECYCLE_MEMORY_SHARE,
} from '../limits'
import type {
  Invocation,
  InvokeOptions,
  Payload,
  RunError,
  RunnableVersion,
  Runtime,
  RuntimePolicy,
  RuntimeStats,
  WorkerExitReason,
} from '../port'
import { CallQueue, NO_OUTPUT, type NoWorker } from './call-queue'
import { busyLeaver, leastRecentlyUsed, surplusWorkers } from './choose-leaver'
import { CrashBackOff } from './crash-back-off'
import { MemoryBudget } from './memory-budget'
import { refuseInput, refuseSandbox, refuseUnbuilt } from './refuse-call'
import { abortedError } from './run-errors'
import type { RunOutcome } from './worker'
import type { WorkerHost } from './worker-launch'
import { type Group, Slot } from './worker-slot'

export type PoolSettings = {
  host: WorkerHost
  /** Whether algorithms may run without isolation where there is none. */
  allowUnsandboxed: boolean
  policy?: Partial<RuntimePolicy>
  maxWorkers?: number
  maxQueuedMs?: number
  idleMs?: number
  surplusIdleMs?: number
}

const SWEEP_INTERVAL_MS = 5 * SECOND_MS
/** Starts at once. More would only make each of them slower. */
const MAX_CONCURRENT_STARTS = Math.max(2, os.availableParallelism() + 1)

/**
 * Keeps warm workers and hands calls to them: over all versions, the call that waits longest comes first, and a version
 * with many waiting calls does not keep another from its first worker. Workers start on demand within the memory
 * budget; the idle one that was used longest ago makes room.
 */
export class WorkerPool implements Runtime {
  readonly #settings: PoolSettings
  readonly #groups = new Map<string, Group>()
  /** Every worker whose process may still be there. */
  readonly #slots = new Set<Slot>()
  /** Groups that calls wait in, and perhaps some whose last one has just been served. */
  readonly #hungry = new Set<Group>()
  readonly #budget: MemoryBudget
  readonly #maxWorkers: number
  readonly #idleMs: number
  readonly #surplusIdleMs: number
  readonly #sweeper: NodeJS.Timeout
  readonly #ends: RuntimeStats['ends'] = {}
  #warmLimit: number
  #maxPerVersion: number
  #starts = 0
  #isClosing = false

  constructor(settings: PoolSettings) {
    this.#settings = settings
    this.#maxWorkers = settings.maxWorkers ?? MAX_WORKERS
    this.#idleMs = settings.idleMs ?? WORKER_IDLE_MS
    this.#surplusIdleMs = settings.surplusIdleMs ?? SURPLUS_IDLE_MS
    this.#warmLimit = settings.policy?.warmWorkersPerVersion ?? WARM_WORKERS_PER_VERSION
    this.#maxPerVersion = settings.policy?.maxWorkersPerVersion ?? MAX_WORKERS_PER_VERSION
    this.#budget = new MemoryBudget(settings.policy?.memoryBudgetBytes ?? null)
    const interval = Math.min(SWEEP_INTERVAL_MS, this.#idleMs, this.#surplusIdleMs)
    this.#sweeper = setInterval(() => void this.#sweep(), interval).unref()
  }

  async invoke(version: RunnableVersion, input: Payload, options: InvokeOptions): Promise<Invocation> {
    const enqueuedAt = performance.now()
    const idle = this.#takeIdle(version)
    const refusal = refuseInput(input) ?? (idle ? undefined : await this.#refuse(version))
    if (refusal) {
      if (idle) this.#release(idle)
      return failedInvocation(refusal, 0)
    }
    const found = idle ?? (await this.#findWorker(version, options.signal))
    const queuedMs = performance.now() - enqueuedAt
    if ('error' in found) return failedInvocation(found.error, queuedMs, found)
    const isColdStart = found.readyAt >= enqueuedAt
    const startedAt = performance.now()
    const timeoutMs = Math.min(options.timeoutMs, version.limits.callMs)
    const outcome = await found.worker.run(input, { ...options, timeoutMs })
    const durationMs = performance.now() - startedAt
    this.#afterCall(found, outcome)
    return { ...outcome, durationMs, queuedMs, isColdStart }
  }

  async warm(version: RunnableVersion): Promise<void> {
    if (await this.#refuse(version)) return
    const group = this.#groupOf(version)
    if (group.slots.size === 0 && this.#hasRoom(group)) this.#start(group)
  }

  async drop(algorithmId: string): Promise<void> {
    this.#retireAll((slot) => slot.group.version.algorithmId === algorithmId)
  }

  configure(policy: RuntimePolicy): void {
    const { host } = this.#settings
    this.#warmLimit = policy.warmWorkersPerVersion
    this.#maxPerVersion = policy.maxWorkersPerVersion
    this.#budget.limitBytes = new MemoryBudget(policy.memoryBudgetBytes).limitBytes
    if (policy.egressAllowList.join() !== host.egressAllowList.join()) {
      host.egressAllowList = policy.egressAllowList
      // What a worker may reach is settled when it starts.
      this.#retireAll((slot) => slot.group.version.networkAccess === 'full')
    }
    this.#keepBudget()
    this.#dispatch()
  }

  stats(): RuntimeStats {
    const slots = [...this.#slots]
    return {
      workers: slots.length,
      busy: slots.filter(({ worker }) => worker.state === 'busy').length,
      starts: this.#starts,
      memoryBytes: slots.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0),
      memoryBudgetBytes: this.#budget.limitBytes,
      ends: { ...this.#ends },
    }
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#sweeper)
    for (const { queue } of this.#groups.values()) queue.failAll({ error: STOPPING, ...NO_OUTPUT })
    const deadline = Date.now() + graceMs
    while (this.stats().busy > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CLOSE_CHECK_MS))
    }
    await Promise.all([...this.#slots].map(({ worker }) => worker.end('closing')))
  }

  // --- before a call

  async #refuse(version: RunnableVersion): Promise<RunError | undefined> {
    const { host, allowUnsandboxed } = this.#settings
    if (this.#isClosing) return STOPPING
    const refusal = refuseSandbox(host, allowUnsandboxed)
    if (refusal || this.#groups.get(keyOf(version))?.slots.size) return refusal
    return refuseUnbuilt(host, version)
  }

  /** The quick way of most calls: a worker is free, and nobody waits for it. */
  #takeIdle(version: RunnableVersion): Slot | undefined {
    const group = this.#isClosing ? undefined : this.#groups.get(keyOf(version))
    if (!group || group.queue.length > 0) return undefined
    for (const slot of group.slots) {
      if (!slot.isIdle) continue
      slot.isReady = false
      return slot
    }
    return undefined
  }

  #findWorker(version: RunnableVersion, signal: AbortSignal | undefined): Promise<Slot | NoWorker> {
    if (this.#isClosing) return Promise.resolve({ error: STOPPING, ...NO_OUTPUT })
    if (signal?.aborted) return Promise.resolve({ error: abortedError(), ...NO_OUTPUT })
    const group = this.#groupOf(version)
    const isStarting = () => [...group.slots].some(({ worker }) => worker.state === 'starting')
    const maxQueuedMs = this.#settings.maxQueuedMs ?? MAX_QUEUED_MS
    const found = group.queue.wait(version.algorithmName, maxQueuedMs, isStarting, signal)
    this.#hungry.add(group)
    this.#dispatch()
    return found
  }

  // --- handing out

  /** Gives waiting calls to idle workers and starts workers for the rest, the longest waiting first. */
  #dispatch(): void {
    if (this.#isClosing) return
    for (const group of this.#hungry) if (group.queue.length === 0) this.#hungry.delete(group)
    if (this.#hungry.size === 0) return
    const hungry = [...this.#hungry].sort((a, b) => a.queue.firstTurn - b.queue.firstTurn)
    const full = new Set<Group>()
    for (const group of hungry) {
      handOut(group)
      // Its first worker may take the place of one that a later call of another version would get.
      if (group.slots.size === 0) this.#startFor(group, full)
    }
    // Then one start a round, for whom has the fewest workers.
    for (;;) {
      const [neediest] = hungry.filter((group) => !full.has(group)).sort((a, b) => a.slots.size - b.slots.size)
      if (!neediest) return
      this.#startFor(neediest, full)
    }
  }

  /** Starts one worker, or notes in `full` that the group can or need not have more now. */
  #startFor(group: Group, full: Set<Group>): void {
    const mayStart = this.#startsNow() < MAX_CONCURRENT_STARTS && this.#wantsWorker(group) && this.#makeRoom(group)
    if (mayStart) this.#start(group)
    else full.add(group)
  }

  #startsNow(): number {
    return [...this.#slots].filter((slot) => slot.isStarting).length
  }

  #wantsWorker(group: Group): boolean {
    const starting = [...group.slots].filter(({ worker }) => worker.state === 'starting').length
    if (group.queue.length <= starting || group.slots.size >= this.#maxPerVersion) return false
    const waitMs = group.backOff.remainingMs()
    if (waitMs > 0) this.#dispatchIn(waitMs)
    return waitMs === 0
  }

  #dispatchIn(waitMs: number): void {
    setTimeout(() => this.#dispatch(), waitMs).unref()
  }

  #start(group: Group): void {
    this.#starts++
    const slot = new Slot(this.#settings.host, group)
    group.slots.add(slot)
    this.#slots.add(slot)
    const timer = setTimeout(() => this.#dispatch(), SLOW_START_MS).unref()
    void slot.worker.ready.then((error) => {
      clearTimeout(timer)
      this.#onReady(slot, error)
    })
    void slot.worker.ended.then((exit) => {
      this.#ends[exit.reason] = (this.#ends[exit.reason] ?? 0) + 1
      this.#settings.host.logger.debug({ algorithm: group.version.algorithmName, ...exit }, 'worker ended')
      this.#forget(slot)
    })
  }

  #onReady(slot: Slot, error: RunError | undefined): void {
    const { group } = slot
    if (!error && !slot.retiredFor) {
      slot.becomeReady()
      void slot.measure(0).then(() => this.#keepBudget())
    }
    if (slot.retiredFor) void slot.worker.end(slot.retiredFor)
    if (error && !slot.retiredFor) {
      group.slots.delete(slot)
      if (error.kind !== 'loading_error') group.backOff.noteCrash()
      // A version that can not be loaded fails for everybody who waits: starting it once more each would not help.
      group.queue.failAll({ error, ...slot.worker.takeOutput() })
    }
    this.#dispatch()
  }

  #afterCall(slot: Slot, outcome: RunOutcome): void {
    const { worker, group } = slot
    const hasCrashed = !outcome.ok && (outcome.error.kind === 'worker_exit' || outcome.error.kind === 'out_of_memory')
    if (hasCrashed) group.backOff.noteCrash()
    else group.backOff.noteSuccess()
    if (worker.state === 'idle') this.#release(slot)
    else group.slots.delete(slot)
    this.#dispatch()
  }

  /** A worker is free again. */
  #release(slot: Slot): void {
    slot.isReady = true
    slot.idleSince = Date.now()
    if (slot.retiredFor) this.#retire(slot, slot.retiredFor)
    else if (isWornOut(slot)) this.#retire(slot, 'worn_out')
    else if (slot.isMeasureDue()) void slot.measure().then(() => this.#keepBudget())
  }

  // --- letting go

  /** Ends a worker when it has nothing to do; a busy one after its call. */
  #retire(slot: Slot, reason: WorkerExitReason): void {
    slot.retiredFor = reason
    slot.group.slots.delete(slot)
    if (slot.isReady || slot.worker.state === 'starting') void slot.worker.end(reason)
  }

  #retireAll(isMeant: (slot: Slot) => boolean): void {
    for (const slot of this.#slots) if (isMeant(slot) && !slot.retiredFor) this.#retire(slot, 'dropped')
    this.#dispatch()
  }

  /** Lets idle workers of others go until there is room; or marks a busy one to go after its call. */
  #makeRoom(forGroup: Group): boolean {
    while (!this.#hasRoom(forGroup)) {
      const leaver = leastRecentlyUsed(this.#slots, forGroup)
      if (!leaver) {
        const busy = busyLeaver(this.#slots, forGroup)
        if (busy) this.#retire(busy, 'evicted')
        return false
      }
      this.#retire(leaver, 'evicted')
    }
    return true
  }

  /** Workers grow while they work: what they use now may be more than what they were started for. */
  #keepBudget(): void {
    while (this.#budget.isExceededBy(this.#slots)) {
      const leaver = leastRecentlyUsed(this.#slots)
      if (!leaver) return
      this.#retire(leaver, 'evicted')
    }
  }

  #forget(slot: Slot): void {
    this.#slots.delete(slot)
    slot.group.slots.delete(slot)
    this.#dispatch()
  }

  async #sweep(): Promise<void> {
    for (const slot of [...this.#slots]) {
      if (slot.isIdle && Date.now() - slot.idleSince > this.#idleMs) this.#retire(slot, 'idle')
    }
    for (const slot of surplusWorkers(this.#slots, this.#warmLimit, this.#surplusIdleMs)) this.#retire(slot, 'surplus')
    for (const group of this.#groups.values()) {
      const isUnused = group.slots.size === 0 && group.queue.length === 0 && group.backOff.remainingMs() === 0
      if (isUnused) this.#groups.delete(group.key)
    }
    for (const slot of [...this.#slots]) await slot.measure()
    this.#keepBudget()
  }

  #hasRoom(group: Group): boolean {
    const counted = [...this.#slots].filter((slot) => !slot.retiredFor || slot.worker.state === 'busy')
    return counted.length < this.#maxWorkers && this.#budget.hasRoomFor(group, this.#slots)
  }

  #groupOf(version: RunnableVersion): Group {
    const key = keyOf(version)
    const known = this.#groups.get(key)
    if (known) {
      known.version = version
      return known
    }
    const parts = { slots: new Set<Slot>(), queue: new CallQueue<Slot>(), backOff: new CrashBackOff() }
    const group: Group = { key, version, ...parts, memoryBytes: undefined }
    this.#groups.set(key, group)
    return group
  }
}

/** Gives a group's waiting calls to its idle workers. */
function handOut(group: Group): void {
  for (const slot of group.slots) {
    if (group.queue.length === 0) return
    if (!slot.isIdle) continue
    // Taken within this turn: `run` marks the worker busy in the next one.
    slot.isReady = false
    group.queue.giveFirst(slot)
  }
}

function isWornOut({ worker, memoryBytes = 0, group }: Slot): boolean {
  return (
    worker.servedCalls >= WORKER_MAX_CALLS ||
    Date.now() - worker.startedAt > WORKER_MAX_AGE_MS ||
    memoryBytes > group.version.limits.memoryBytes * WORKER_RECYCLE_MEMORY_SHARE
  )
}

const CLOSE_CHECK_MS = 20
const STOPPING = abortedError('The server is stopping. Try again.')

const keys = new WeakMap<RunnableVersion, string>()

/** Everything that a worker is made of; a worker is never shared between callers. */
function keyOf(version: RunnableVersion): string {
  const known = keys.get(version)
  if (known) return known
  const key = makeKey(version)
  keys.set(version, key)
  return key
}

function makeKey(version: RunnableVersion): string {
  const { algorithmId, commitSha, callerId, callerDataRight, environmentKey, interpreterPath, networkAccess, limits } =
    version
  const caller = [callerId, callerDataRight]
  return JSON.stringify([algorithmId, commitSha, caller, environmentKey, interpreterPath, networkAccess, limits])
}

function failedInvocation(error: RunError, queuedMs: number, output = NO_OUTPUT): Invocation {
  const { stdout, stderr, isTruncated } = output
  return { ok: false, error, durationMs: 0, queuedMs, isColdStart: false, stdout, stderr, isTruncated }
}
