import os from 'node:os'
import {
  MAX_QUEUED_MS,
  MAX_WORKERS,
  MAX_WORKERS_PER_VERSION,
  MEMORY_PER_WORKER_BYTES,
  MIN_WORKERS,
  SECOND_MS,
  WORKER_IDLE_MS,
  WORKER_MAX_AGE_MS,
  WORKER_MAX_CALLS,
  WORKER_MEMORY_SHARE,
} from '../limits'
import type { Invocation, InvokeOptions, Payload, RunError, RunnableVersion, Runtime } from '../port'
import { CallQueue, NO_OUTPUT, type NoWorker } from './call-queue'
import { CrashBackOff } from './crash-back-off'
import { refuseInput, refuseSandbox, refuseUnbuilt } from './refuse-call'
import { abortedError } from './run-errors'
import { type RunOutcome, Worker } from './worker'
import type { WorkerHost } from './worker-launch'

export type PoolSettings = {
  host: WorkerHost
  /** Whether algorithms may run without isolation where there is none. */
  allowUnsandboxed: boolean
  maxWorkers?: number
  maxQueuedMs?: number
  idleMs?: number
}

/** A worker and what the pool knows of it. Retired: it takes no further call. */
type Slot = { worker: Worker; group: Group; isReady: boolean; isRetired: boolean; readyAt: number; idleSince: number }

/** Calls and workers that may meet: one version for one caller. */
type Group = { key: string; version: RunnableVersion; slots: Set<Slot>; queue: CallQueue<Slot>; backOff: CrashBackOff }

const SWEEP_INTERVAL_MS = 5 * SECOND_MS

/**
 * Keeps warm workers and hands calls to them: first come, first served over all versions. Workers start on demand
 * within the machine's memory; an idle one makes room for another version's call.
 */
export class WorkerPool implements Runtime {
  readonly #settings: PoolSettings
  readonly #groups = new Map<string, Group>()
  /** Every worker whose process may still be there. */
  readonly #slots = new Set<Slot>()
  readonly #maxWorkers: number
  readonly #idleMs: number
  readonly #sweeper: NodeJS.Timeout
  #starts = 0
  #isClosing = false

  constructor(settings: PoolSettings) {
    this.#settings = settings
    this.#maxWorkers = settings.maxWorkers ?? workersForThisMachine()
    this.#idleMs = settings.idleMs ?? WORKER_IDLE_MS
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(SWEEP_INTERVAL_MS, this.#idleMs)).unref()
  }

  async invoke(version: RunnableVersion, input: Payload, options: InvokeOptions): Promise<Invocation> {
    const refusal = refuseInput(input) ?? (await this.#refuse(version))
    if (refusal) return failedInvocation(refusal, 0)
    const enqueuedAt = performance.now()
    const found = await this.#findWorker(version, options.signal)
    const queuedMs = performance.now() - enqueuedAt
    if ('error' in found) return failedInvocation(found.error, queuedMs, found)
    const isColdStart = found.readyAt >= enqueuedAt
    const startedAt = performance.now()
    const outcome = await found.worker.run(input, options)
    const durationMs = performance.now() - startedAt
    this.#afterCall(found, outcome)
    return { ...outcome, durationMs, queuedMs, isColdStart }
  }

  async warm(version: RunnableVersion): Promise<void> {
    if (await this.#refuse(version)) return
    const group = this.#groupOf(version)
    if (group.slots.size === 0 && this.#hasRoom()) this.#start(group)
  }

  async drop(algorithmId: string): Promise<void> {
    for (const group of [...this.#groups.values()]) {
      if (group.version.algorithmId !== algorithmId) continue
      for (const slot of group.slots) this.#retire(slot)
    }
    this.#dispatch()
  }

  stats(): { workers: number; busy: number; starts: number } {
    const slots = [...this.#slots]
    const busy = slots.filter(({ worker }) => worker.state === 'busy').length
    return { workers: slots.length, busy, starts: this.#starts }
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#sweeper)
    for (const { queue } of this.#groups.values()) queue.failAll({ error: STOPPING, ...NO_OUTPUT })
    const deadline = Date.now() + graceMs
    while (this.stats().busy > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CLOSE_CHECK_MS))
    }
    await Promise.all([...this.#slots].map(({ worker }) => worker.end()))
  }

  // --- before a call

  async #refuse(version: RunnableVersion): Promise<RunError | undefined> {
    const { host, allowUnsandboxed } = this.#settings
    if (this.#isClosing) return STOPPING
    const refusal = refuseSandbox(host, allowUnsandboxed)
    if (refusal || this.#groups.get(keyOf(version))?.slots.size) return refusal
    return refuseUnbuilt(host, version)
  }

  #findWorker(version: RunnableVersion, signal: AbortSignal | undefined): Promise<Slot | NoWorker> {
    if (this.#isClosing) return Promise.resolve({ error: STOPPING, ...NO_OUTPUT })
    if (signal?.aborted) return Promise.resolve({ error: abortedError(), ...NO_OUTPUT })
    const group = this.#groupOf(version)
    const isStarting = () => [...group.slots].some(({ worker }) => worker.state === 'starting')
    const maxQueuedMs = this.#settings.maxQueuedMs ?? MAX_QUEUED_MS
    const found = group.queue.wait(version.algorithmName, maxQueuedMs, isStarting, signal)
    this.#dispatch()
    return found
  }

  // --- handing out

  /** Gives waiting calls to idle workers and starts workers for the rest, the longest waiting first. */
  #dispatch(): void {
    if (this.#isClosing) return
    const hungry = [...this.#groups.values()]
      .filter((group) => group.queue.length > 0)
      .sort((a, b) => a.queue.firstTurn - b.queue.firstTurn)
    for (const group of hungry) {
      this.#handOut(group)
      this.#startFor(group)
    }
  }

  #handOut(group: Group): void {
    for (const slot of group.slots) {
      if (group.queue.length === 0) return
      if (!slot.isReady || slot.isRetired || slot.worker.state !== 'idle') continue
      // Taken within this turn: `run` marks the worker busy in the next one.
      slot.isReady = false
      group.queue.giveFirst(slot)
    }
  }

  #startFor(group: Group): void {
    const starting = [...group.slots].filter(({ worker }) => worker.state === 'starting').length
    let wanted = Math.min(group.queue.length - starting, MAX_WORKERS_PER_VERSION - group.slots.size)
    const waitMs = group.backOff.remainingMs()
    if (waitMs > 0) return void setTimeout(() => this.#dispatch(), waitMs).unref()
    while (wanted-- > 0) {
      if (!this.#hasRoom() && !this.#makeRoom(group)) return
      this.#start(group)
    }
  }

  #start(group: Group): void {
    this.#starts++
    const slot: Slot = {
      worker: new Worker(this.#settings.host, group.version),
      group,
      isReady: false,
      isRetired: false,
      readyAt: 0,
      idleSince: Date.now(),
    }
    group.slots.add(slot)
    this.#slots.add(slot)
    void slot.worker.ready.then((error) => this.#onReady(slot, error))
    void slot.worker.ended.then((exit) => {
      this.#settings.host.logger.debug({ algorithm: group.version.algorithmName, ...exit }, 'worker ended')
      this.#forget(slot)
    })
  }

  #onReady(slot: Slot, error: RunError | undefined): void {
    const { group } = slot
    if (!error && !slot.isRetired) {
      slot.isReady = true
      slot.readyAt = performance.now()
      slot.idleSince = Date.now()
    }
    if (slot.isRetired) void slot.worker.end()
    if (!error || slot.isRetired) {
      this.#dispatch()
      return
    }
    group.slots.delete(slot)
    if (error.kind !== 'loading_error') group.backOff.noteCrash()
    // A version that can not be loaded fails for everybody who waits: starting it once more each would not help.
    group.queue.failAll({ error, ...slot.worker.takeOutput() })
  }

  #afterCall(slot: Slot, outcome: RunOutcome): void {
    const { worker, group } = slot
    const hasCrashed = !outcome.ok && (outcome.error.kind === 'worker_exit' || outcome.error.kind === 'out_of_memory')
    if (hasCrashed) group.backOff.noteCrash()
    else group.backOff.noteSuccess()
    if (worker.state === 'idle') {
      slot.isReady = true
      slot.idleSince = Date.now()
      const isWornOut = worker.servedCalls >= WORKER_MAX_CALLS || Date.now() - worker.startedAt > WORKER_MAX_AGE_MS
      if (isWornOut || slot.isRetired) this.#retire(slot)
    } else {
      group.slots.delete(slot)
    }
    this.#dispatch()
  }

  // --- letting go

  /** Ends a worker when it has nothing to do; a busy one after its call. */
  #retire(slot: Slot): void {
    slot.isRetired = true
    slot.group.slots.delete(slot)
    if (slot.isReady || slot.worker.state === 'starting') void slot.worker.end()
  }

  /** Lets the least recently used idle worker of another group go; or marks one to go after its call. */
  #makeRoom(forGroup: Group): boolean {
    const others = [...this.#slots].filter((slot) => slot.group !== forGroup && !slot.isRetired)
    const idle = others.filter((slot) => slot.isReady).sort((a, b) => a.idleSince - b.idleSince)[0]
    if (idle) {
      this.#retire(idle)
      return true
    }
    const isLeaving = [...this.#slots].some((slot) => slot.isRetired)
    if (forGroup.slots.size === 0 && !isLeaving) {
      const busy = others.filter((slot) => slot.worker.state === 'busy')
      const largest = busy.sort((a, b) => b.group.slots.size - a.group.slots.size)[0]
      if (largest) this.#retire(largest)
    }
    return false
  }

  #forget(slot: Slot): void {
    this.#slots.delete(slot)
    slot.group.slots.delete(slot)
    this.#dispatch()
  }

  #sweep(): void {
    for (const slot of [...this.#slots]) {
      if (slot.isReady && !slot.isRetired && Date.now() - slot.idleSince > this.#idleMs) this.#retire(slot)
    }
    for (const group of this.#groups.values()) {
      const isUnused = group.slots.size === 0 && group.queue.length === 0 && group.backOff.remainingMs() === 0
      if (isUnused) this.#groups.delete(group.key)
    }
  }

  #hasRoom(): boolean {
    const counted = [...this.#slots].filter((slot) => !slot.isRetired || slot.worker.state === 'busy')
    return counted.length < this.#maxWorkers
  }

  #groupOf(version: RunnableVersion): Group {
    const key = keyOf(version)
    const known = this.#groups.get(key)
    if (known) {
      known.version = version
      return known
    }
    const group: Group = { key, version, slots: new Set(), queue: new CallQueue(), backOff: new CrashBackOff() }
    this.#groups.set(key, group)
    return group
  }
}

const CLOSE_CHECK_MS = 20
const STOPPING = abortedError('The server is stopping. Try again.')

/** Everything that a worker is made of; a worker is never shared between callers. */
function keyOf(version: RunnableVersion): string {
  const { algorithmId, commitSha, callerId, callerDataRight, environmentKey, interpreterPath, networkAccess } = version
  const caller = [callerId, callerDataRight]
  return JSON.stringify([algorithmId, commitSha, caller, environmentKey, interpreterPath, networkAccess])
}

function workersForThisMachine(): number {
  const byMemory = Math.floor((os.totalmem() * WORKER_MEMORY_SHARE) / MEMORY_PER_WORKER_BYTES)
  return Math.min(MAX_WORKERS, Math.max(MIN_WORKERS, byMemory))
}

function failedInvocation(error: RunError, queuedMs: number, output = NO_OUTPUT): Invocation {
  const { stdout, stderr, isTruncated } = output
  return { ok: false, error, durationMs: 0, queuedMs, isColdStart: false, stdout, stderr, isTruncated }
}
