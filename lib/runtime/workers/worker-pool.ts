import type { Abortable } from '@/lib/abortable'
import { KEPT_RESTART_MS, MAX_AHEAD_INPUT_BYTES, MAX_QUEUED_MS, MAX_WORKERS_PER_VERSION } from '../limits'
import type {
  Invocation,
  InvokeOptions,
  Payload,
  RunError,
  RunnableVersion,
  Runtime,
  RuntimePolicy,
  RuntimeStats,
} from '../port'
import type { RunOutcome } from './call'
import { CallQueue, NO_OUTPUT, type NoWorker, type Turn, takeTurn } from './call-queue'
import { CrashBackOff } from './crash-back-off'
import { keyOf } from './group-key'
import { aheadOf, demandOf, handOut, type Place, sendAhead } from './hand-out'
import { IdleShare } from './idle-share'
import { KeptGroups } from './kept-groups'
import { refuseInput, refuseSandbox, refuseUnbuilt } from './refuse-call'
import { abortedError } from './run-errors'
import { StartForecast } from './start-forecast'
import type { Group, Slot } from './worker-slot'
import { Workforce, type WorkforceSettings } from './workforce'

export type PoolSettings = WorkforceSettings & {
  /** Whether algorithms may run without isolation where there is none. */
  allowUnsandboxed: boolean
  maxQueuedMs?: number
  keptRestartMs?: number
}

/**
 * Keeps warm workers and hands calls to them: over all versions, the call that waits longest comes first, and a version
 * with many waiting calls does not keep another from its first worker. Calls that would wait are sent ahead to busy
 * workers that are quick. Workers start on demand within the memory budget; the idle one that was used longest ago makes
 * room.
 */
export class WorkerPool implements Runtime {
  readonly #settings: PoolSettings
  readonly #workforce: Workforce
  readonly #groups = new Map<string, Group>()
  /** Groups that calls wait in, and perhaps some whose last one has just been served. */
  readonly #hungry = new Set<Group>()
  readonly #kept: KeptGroups
  readonly #idleShare = new IdleShare()
  #maxPerVersion: number
  #isClosing = false
  #sentAhead = 0
  #wake: { timer: NodeJS.Timeout; at: number } | undefined

  constructor(settings: PoolSettings) {
    this.#settings = settings
    this.#maxPerVersion = settings.policy?.maxWorkersPerVersion ?? MAX_WORKERS_PER_VERSION
    this.#workforce = new Workforce(settings, {
      onReady: (slot, error) => this.#onReady(slot, error),
      onChange: (group) => {
        if (group) this.#kept.noteCold(group)
        this.#dispatch()
      },
    })
    this.#kept = new KeptGroups(this.#workforce, settings.keptRestartMs ?? KEPT_RESTART_MS)
  }

  async invoke(version: RunnableVersion, input: Payload, options: InvokeOptions): Promise<Invocation> {
    const enqueuedAt = performance.now()
    const idle = this.#takeIdle(version)
    const refusal = refuseInput(input) ?? (idle ? undefined : await this.#refuse(version))
    if (refusal) {
      if (idle) this.#workforce.release(idle)
      return failedInvocation(refusal, 0)
    }
    const { signal, context } = options
    const callOptions = { timeoutMs: Math.min(options.timeoutMs, version.limits.callMs), signal, context }
    if (idle) return this.#report(idle, enqueuedAt, await idle.worker.run(input, callOptions))
    const turn = takeTurn(enqueuedAt)
    for (;;) {
      const place = await this.#findPlace(version, input, signal, turn)
      if ('error' in place) return failedInvocation(place.error, performance.now() - enqueuedAt, place)
      const { slot, isAhead } = place
      if (isAhead) slot.promisedAhead--
      else slot.isPromised = false
      const outcome = await (isAhead ? slot.worker.runAhead(input, callOptions) : slot.worker.run(input, callOptions))
      // Otherwise it was taken back: it waits again, in its old place.
      if (outcome) return this.#report(slot, enqueuedAt, outcome)
    }
  }

  #report(slot: Slot, enqueuedAt: number, outcome: RunOutcome): Invocation {
    const { startedAt, durationMs, stdout, stderr, isTruncated } = outcome
    const queuedMs = startedAt - enqueuedAt
    const isColdStart = slot.readyAt >= enqueuedAt
    this.#afterCall(slot, outcome)
    // Written out, as in the worker.
    if (!outcome.ok) {
      return { ok: false, error: outcome.error, durationMs, queuedMs, isColdStart, stdout, stderr, isTruncated }
    }
    return { ok: true, result: outcome.result, durationMs, queuedMs, isColdStart, stdout, stderr, isTruncated }
  }

  keepWarm(version: RunnableVersion): () => void {
    const group = this.#groupOf(version)
    group.keepers++
    let isKept = true
    void this.#refuse(version).then((refusal) => {
      if (refusal) return
      this.#kept.noteCold(group)
      this.#dispatch()
    })
    return () => {
      if (isKept) group.keepers--
      isKept = false
    }
  }

  async drop(algorithmId: string): Promise<void> {
    for (const group of this.#groups.values()) {
      if (group.version.algorithmId !== algorithmId) continue
      group.hasFailedToLoad = false
      this.#kept.noteCold(group)
    }
    this.#workforce.retireAll((slot) => slot.group.version.algorithmId === algorithmId)
    this.#dispatch()
  }

  configure(policy: RuntimePolicy): void {
    this.#maxPerVersion = policy.maxWorkersPerVersion
    this.#workforce.configure(policy)
    this.#dispatch()
  }

  stats(): RuntimeStats {
    const { slots, starts, ends, budgetBytes } = this.#workforce
    const all = [...slots]
    return {
      workers: all.length,
      busy: all.filter(({ worker }) => worker.state === 'busy').length,
      starts,
      sentAhead: this.#sentAhead,
      memoryBytes: all.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0),
      memoryBudgetBytes: budgetBytes,
      ends: { ...ends },
    }
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosing = true
    for (const { queue } of this.#groups.values()) queue.failAll({ error: STOPPING, ...NO_OUTPUT })
    for (const { worker } of this.#workforce.slots) worker.takeBack()
    const deadline = Date.now() + graceMs
    while (this.stats().busy > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CLOSE_CHECK_MS))
    }
    await this.#workforce.close()
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

  #findPlace(
    version: RunnableVersion,
    input: Payload,
    signal: Abortable | undefined,
    turn: Turn,
  ): Promise<Place | NoWorker> {
    if (this.#isClosing) return Promise.resolve({ error: STOPPING, ...NO_OUTPUT })
    if (signal?.aborted) return Promise.resolve({ error: abortedError(), ...NO_OUTPUT })
    const group = this.#groupOf(version)
    const found = group.queue.wait({
      turn,
      name: version.algorithmName,
      maxQueuedMs: this.#settings.maxQueuedMs ?? MAX_QUEUED_MS,
      isStarting: () => [...group.slots].some(({ worker }) => worker.state === 'starting'),
      signal,
      isSmall: input.bytes.length <= MAX_AHEAD_INPUT_BYTES,
      isBehindOthers: aheadOf(group) > 0,
    })
    this.#hungry.add(group)
    this.#dispatch()
    return found
  }

  // --- handing out

  /** Gives waiting calls to idle workers and starts workers for the rest, the longest waiting first. */
  #dispatch(): void {
    if (this.#isClosing) return
    this.#forgetUnused()
    if (this.#hungry.size > 0) this.#serveHungry()
    this.#kept.startCold()
  }

  #serveHungry(): void {
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
      if (!neediest) break
      this.#startFor(neediest, full)
    }
    for (const group of hungry) this.#sentAhead += sendAhead(group)
  }

  /** Starts one worker, or notes in `full` that the group can or need not have more now. */
  #startFor(group: Group, full: Set<Group>): void {
    const mayStart = this.#workforce.mayStart() && this.#wantsWorker(group) && this.#workforce.makeRoom(group)
    if (mayStart) this.#workforce.start(group)
    else full.add(group)
  }

  #wantsWorker(group: Group): boolean {
    const demand = demandOf(group)
    if (demand.queued <= demand.starting || group.slots.size >= this.#maxPerVersion) return false
    const waitMs = group.backOff.remainingMs() || (group.wornOut > 0 ? 0 : group.forecast.patienceMs(demand))
    if (waitMs > 0) this.#dispatchIn(waitMs)
    return waitMs === 0
  }

  /** One timer for all that wait: this is asked for at the end of each call of any version. */
  #dispatchIn(waitMs: number): void {
    const wakeAt = performance.now() + waitMs
    if (this.#wake && this.#wake.at <= wakeAt) return
    clearTimeout(this.#wake?.timer)
    const timer = setTimeout(() => {
      this.#wake = undefined
      this.#dispatch()
    }, waitMs).unref()
    this.#wake = { timer, at: wakeAt }
  }

  #onReady({ group, worker }: Slot, error: RunError | undefined): void {
    if (error) {
      if (!worker.saysWhyNotLoaded) group.backOff.noteCrash()
      // A version that can not be loaded fails for everybody who waits: starting it once more each would not help.
      if (group.hasFailedToLoad) group.queue.failAll({ error, ...worker.takeOutput() })
    }
    this.#dispatch()
  }

  #afterCall(slot: Slot, outcome: RunOutcome): void {
    const { worker, group } = slot
    group.forecast.noteCall(outcome.durationMs)
    const hasCrashed = !outcome.ok && (outcome.error.kind === 'worker_exit' || outcome.error.kind === 'out_of_memory')
    if (hasCrashed) group.backOff.noteCrash()
    else group.backOff.noteSuccess()
    if (worker.state !== 'idle' && worker.state !== 'busy') group.slots.delete(slot)
    else if (outcome.isLast) this.#workforce.release(slot)
    else this.#workforce.inspect(slot)
    this.#dispatch()
  }

  #forgetUnused(): void {
    for (const group of this.#hungry) if (group.queue.length === 0) this.#hungry.delete(group)
    if (this.#groups.size < MANY_GROUPS) return
    for (const group of this.#groups.values()) {
      const isUsed = group.slots.size > 0 || group.queue.length > 0 || group.keepers > 0
      if (!isUsed && group.backOff.remainingMs() === 0) this.#groups.delete(group.key)
    }
  }

  #groupOf(version: RunnableVersion): Group {
    const key = keyOf(version)
    const known = this.#groups.get(key)
    if (known) {
      known.version = version
      return known
    }
    const parts = { slots: new Set<Slot>(), queue: new CallQueue<Place>(), backOff: new CrashBackOff() }
    const forecast = new StartForecast(this.#idleShare)
    const keeping = { keepers: 0, wornOut: 0, startedAt: Number.NEGATIVE_INFINITY, killedStarts: 0 }
    const group: Group = {
      key,
      version,
      ...parts,
      forecast,
      ...keeping,
      hasFailedToLoad: false,
      memoryBytes: undefined,
    }
    this.#groups.set(key, group)
    return group
  }
}

const CLOSE_CHECK_MS = 20
/** From this many on, groups without workers and calls are forgotten; before it is not worth a look. */
const MANY_GROUPS = 500
const STOPPING = abortedError('The server is stopping. Try again.')

function failedInvocation(error: RunError, queuedMs: number, output = NO_OUTPUT): Invocation {
  const { stdout, stderr, isTruncated } = output
  return { ok: false, error, durationMs: 0, queuedMs, isColdStart: false, stdout, stderr, isTruncated }
}
