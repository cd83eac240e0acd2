import { access } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Logger } from '@/lib/logger'
import {
  MAX_INPUT_BYTES,
  MAX_QUEUED_CALLS,
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
import { CrashBackOff } from './crash-back-off'
import { abortedError, notBuiltError, overloadedError, sandboxRefusedError, tooLargeError } from './run-errors'
import { type RunOutcome, Worker } from './worker'
import type { WorkerHost } from './worker-launch'

export type PoolSettings = {
  host: WorkerHost
  /** Whether algorithms may run without isolation where there is none. */
  allowUnsandboxed: boolean
  logger: Logger
  maxWorkers?: number
  maxQueuedMs?: number
  idleMs?: number
}

/** A worker and what the pool knows of it. Retired: it takes no further call. */
type Slot = { worker: Worker; group: Group; isReady: boolean; isRetired: boolean; idleSince: number }

/** Calls and workers that may meet: one version for one caller. */
type Group = { key: string; version: RunnableVersion; slots: Set<Slot>; queue: Waiting[]; backOff: CrashBackOff }

type Waiting = {
  /** Grows from call to call. */
  turn: number
  startedWorker: boolean
  take: (slot: Slot) => void
  fail: (f: StartFailure) => void
}
type StartFailure = { error: RunError; stdout: string; stderr: string; isTruncated: boolean }

const SWEEP_INTERVAL_MS = 5 * SECOND_MS
const NO_OUTPUT = { stdout: '', stderr: '', isTruncated: false }

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
  readonly #sweeper: NodeJS.Timeout
  #starts = 0
  #turns = 0
  #isClosing = false

  constructor(settings: PoolSettings) {
    this.#settings = settings
    this.#maxWorkers = settings.maxWorkers ?? workersForThisMachine()
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref()
  }

  async invoke(version: RunnableVersion, input: Payload, options: InvokeOptions): Promise<Invocation> {
    const refusal = await this.#refuse(version, input, options)
    if (refusal) return failedInvocation(refusal, 0)
    const enqueuedAt = performance.now()
    const waiting = await this.#waitForWorker(version, options.signal)
    const queuedMs = performance.now() - enqueuedAt
    if ('error' in waiting) return failedInvocation(waiting.error, queuedMs, waiting)
    const { slot, isColdStart } = waiting
    const startedAt = performance.now()
    const outcome = await slot.worker.run(input, options)
    const durationMs = performance.now() - startedAt
    this.#afterCall(slot, outcome)
    return { ...outcome, durationMs, queuedMs, isColdStart }
  }

  async warm(version: RunnableVersion): Promise<void> {
    if (await this.#refuse(version, undefined, {})) return
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
    for (const group of this.#groups.values()) this.#failQueue(group, STOPPING)
    const deadline = Date.now() + graceMs
    while (this.stats().busy > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CLOSE_CHECK_MS))
    }
    await Promise.all([...this.#slots].map(({ worker }) => worker.end()))
  }

  // --- before a call

  async #refuse(
    version: RunnableVersion,
    input: Payload | undefined,
    { signal }: Pick<InvokeOptions, 'signal'>,
  ): Promise<RunError | undefined> {
    const { sandbox, versionsDir, environmentsDir } = this.#settings.host
    if (this.#isClosing) return STOPPING
    if (signal?.aborted) return abortedError()
    if (sandbox.report.level === 'none' && !this.#settings.allowUnsandboxed) {
      return sandboxRefusedError(sandbox.report.reasons, sandbox.report.fix)
    }
    if (input && input.bytes.length > MAX_INPUT_BYTES) {
      return tooLargeError('input_too_large', input.bytes.length, MAX_INPUT_BYTES)
    }
    if (this.#groups.get(keyOf(version))?.slots.size) return undefined
    const source = path.join(versionsDir, version.algorithmId, version.commitSha)
    if (!(await exists(source))) {
      return notBuiltError(
        `${version.algorithmName} is not built here for commit ${version.commitSha}. Build it again.`,
      )
    }
    if (version.environmentKey && !(await exists(path.join(environmentsDir, version.environmentKey)))) {
      return notBuiltError(`The packages of ${version.algorithmName} are not on this server. Build it again.`)
    }
    return undefined
  }

  #waitForWorker(
    version: RunnableVersion,
    signal: AbortSignal | undefined,
  ): Promise<{ slot: Slot; isColdStart: boolean } | StartFailure> {
    const group = this.#groupOf(version)
    if (group.queue.length >= MAX_QUEUED_CALLS) {
      const error = overloadedError(`${MAX_QUEUED_CALLS} calls of ${version.algorithmName} are waiting already.`)
      return Promise.resolve({ error, ...NO_OUTPUT })
    }
    return new Promise((resolve) => {
      const leave = () => {
        clearInterval(timer)
        signal?.removeEventListener('abort', onAbort)
        const index = group.queue.indexOf(waiting)
        if (index >= 0) group.queue.splice(index, 1)
      }
      const waiting: Waiting = {
        turn: this.#turns++,
        startedWorker: false,
        take: (slot) => {
          leave()
          resolve({ slot, isColdStart: waiting.startedWorker })
        },
        fail: (failure) => {
          leave()
          resolve(failure)
        },
      }
      const onAbort = () => waiting.fail({ error: abortedError(), ...NO_OUTPUT })
      const maxQueuedMs = this.#settings.maxQueuedMs ?? MAX_QUEUED_MS
      const timer = setInterval(() => {
        // A worker that loads a large model is not missing: it has a time limit of its own.
        if ([...group.slots].some(({ worker }) => worker.state === 'starting')) return
        const seconds = maxQueuedMs / SECOND_MS
        const error = overloadedError(`No worker of ${version.algorithmName} became free within ${seconds} seconds.`)
        waiting.fail({ error, ...NO_OUTPUT })
      }, maxQueuedMs)
      signal?.addEventListener('abort', onAbort)
      group.queue.push(waiting)
      this.#dispatch()
    })
  }

  // --- handing out

  /** Gives waiting calls to idle workers and starts workers for the rest, the longest waiting first. */
  #dispatch(): void {
    if (this.#isClosing) return
    const hungry = [...this.#groups.values()]
      .filter((group) => group.queue.length > 0)
      .sort((a, b) => (a.queue[0] as Waiting).turn - (b.queue[0] as Waiting).turn)
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
      ;(group.queue[0] as Waiting).take(slot)
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
      idleSince: Date.now(),
    }
    group.slots.add(slot)
    this.#slots.add(slot)
    for (const waiting of group.queue) waiting.startedWorker ||= true
    void slot.worker.ready.then((error) => this.#onReady(slot, error))
    void slot.worker.ended.then((exit) => {
      this.#settings.logger.debug({ algorithm: group.version.algorithmName, ...exit }, 'worker ended')
      this.#forget(slot)
    })
  }

  #onReady(slot: Slot, error: RunError | undefined): void {
    const { group } = slot
    if (!error && !slot.isRetired) {
      slot.isReady = true
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
    this.#failQueue(group, error, slot.worker.takeOutput())
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
    const idleMs = this.#settings.idleMs ?? WORKER_IDLE_MS
    for (const slot of [...this.#slots]) {
      if (slot.isReady && !slot.isRetired && Date.now() - slot.idleSince > idleMs) this.#retire(slot)
    }
    for (const group of this.#groups.values()) {
      const isUnused = group.slots.size === 0 && group.queue.length === 0 && group.backOff.remainingMs() === 0
      if (isUnused) this.#groups.delete(group.key)
    }
  }

  #failQueue(group: Group, error: RunError, output: Omit<StartFailure, 'error'> = NO_OUTPUT): void {
    for (const waiting of [...group.queue]) waiting.fail({ error, ...output })
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
    const group: Group = { key, version, slots: new Set(), queue: [], backOff: new CrashBackOff() }
    this.#groups.set(key, group)
    return group
  }
}

const CLOSE_CHECK_MS = 20
const STOPPING = abortedError('The server is stopping. Try again.')

/** Everything that a worker is made of; a worker is never shared between callers. */
function keyOf(version: RunnableVersion): string {
  const { algorithmId, commitSha, callerId, environmentKey, interpreterPath, networkAccess } = version
  return JSON.stringify([algorithmId, commitSha, callerId, environmentKey, interpreterPath, networkAccess])
}

function workersForThisMachine(): number {
  const byMemory = Math.floor((os.totalmem() * WORKER_MEMORY_SHARE) / MEMORY_PER_WORKER_BYTES)
  return Math.min(MAX_WORKERS, Math.max(MIN_WORKERS, byMemory))
}

function failedInvocation(error: RunError, queuedMs: number, output = NO_OUTPUT): Invocation {
  const { stdout, stderr, isTruncated } = output
  return { ok: false, error, durationMs: 0, queuedMs, isColdStart: false, stdout, stderr, isTruncated }
}

function exists(folder: string): Promise<boolean> {
  return access(folder).then(
    () => true,
    () => false,
  )
}
