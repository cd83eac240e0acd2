import { publishLive, publishLiveSoon, subscribeLive } from '@/lib/live/bus'
import { metrics } from '@/lib/telemetry/registry'
import type { ConsumerParts } from './consumer'
import type { StateChange } from './consumer-state'
import type { ConsumerStatus, CurrentEngine } from './current'
import { DatabaseWatch } from './database-watch'
import type { EngineOptions } from './engine-options'
import { Fleet } from './fleet'
import { readFlows } from './flow-source'
import { Holding } from './leases/holding'
import type { Lease } from './leases/lease'
import { markEngineStopping, reapEngines, viewLeases } from './leases/lease-store'
import { Tenure } from './leases/tenure'
import { createLedger } from './ledger'
import { createOutputs } from './output/outputs'
import { settleWithin } from './settle-within'
import { SnapshotLog } from './snapshot-log'
import { StateLog } from './state-log'
import type { FlowSpec } from './target'

const RECONCILE_MS = 2_000
/** After an engine's last heartbeat its flows are free; the others look every RECONCILE_MS. */
const LEASE_MS = 8_000
const MISCONFIGURED_RETRY_MS = 60_000
const DEFAULT_DRAIN_MS = 30_000
/** Of a lease, until its flow is read. */
const INITIAL_SLOTS = 1
/** What a stop still wants of the database; it may be away. */
const CLOSE_LIMIT_MS = 5_000
/** A command does not wait longer for the engine to have looked. */
const REFRESH_LIMIT_MS = 3_000

/**
 * Keeps one consumer for each flow that it has a lease of. Looks at flows and leases every two seconds, and at once
 * after a command.
 */
export class Engine implements CurrentEngine {
  readonly #options: EngineOptions
  readonly #drainMs: number
  readonly #watch: DatabaseWatch
  readonly #ledger: ReturnType<typeof createLedger>
  readonly #outputs = createOutputs()
  readonly #states: StateLog
  readonly #snapshots: SnapshotLog
  readonly #tenure: Tenure
  readonly #holding = new Holding()
  readonly #fleet: Fleet
  /** Of the flows as they were last looked at. */
  #mark = ''
  #timer: NodeJS.Timeout | undefined
  #unsubscribe = () => {}
  #reconciling: Promise<void> | undefined
  #isAskedAgain = false
  #stopped: Promise<void> | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#drainMs = options.drainMs ?? DEFAULT_DRAIN_MS
    this.#watch = new DatabaseWatch((isAway, error) => this.#onDatabase(isAway, error))
    this.#ledger = createLedger(this.#watch)
    this.#states = new StateLog(this.#watch, options.logger)
    this.#tenure = new Tenure(options.leaseMs ?? LEASE_MS, {
      onLapsed: () => this.#onLapsed(),
      onConfirmed: () => this.#holding.confirm(),
      onLost: () => this.#onLost(),
      attempt: (work) => this.#watch.attempt(work),
    })
    this.#fleet = new Fleet({
      consumerParts: (flow, lease) => this.#consumerParts(flow, lease),
      resolve: ({ ownerId, algorithmId, versionSelector }) =>
        this.#watch.attempt(() => options.resolve(ownerId, algorithmId, versionSelector)),
      isDatabaseAway: () => this.#watch.isAway,
      onFailure: ({ id }, error) => this.#logUnlessAway(error, { flowId: id }, 'an event flow could not be started'),
      drainMs: this.#drainMs,
    })
    this.#snapshots = new SnapshotLog({
      engineId: () => this.#tenure.engineId,
      statusOf: (flowId) => this.#fleet.statusOf(flowId),
      onError: (error) => this.#logUnlessAway(error, {}, 'what is in flight could not be written'),
    })
  }

  get isRunning(): boolean {
    return this.#timer !== undefined && !this.#stopped
  }

  /** Starts the consumers of its share of the flows. A database that does not answer yet is waited for. */
  async start(): Promise<void> {
    if (this.#timer || this.#stopped) return
    this.#timer = setInterval(() => void this.#reconcile(), this.#options.reconcileMs ?? RECONCILE_MS)
    this.#unsubscribe = subscribeLive(new Set(['engines']), () => void this.#reconcile())
    this.#snapshots.start()
    await this.#tenure.start()
    await this.#reconcile()
  }

  status(): ConsumerStatus[] {
    return this.#fleet.statuses()
  }

  async refreshFlow(_flowId: string): Promise<void> {
    await this.refreshAll()
  }

  async refreshAll(): Promise<void> {
    if (!this.isRunning) return
    publishLive('engines')
    await settleWithin(this.#reconcile(), REFRESH_LIMIT_MS)
  }

  /** Stops receiving everywhere, drains, gives back what is not done, writes what is left. Later calls wait too. */
  stop(drainMs = this.#drainMs): Promise<void> {
    this.#stopped ??= this.#stop(drainMs)
    return this.#stopped
  }

  /** Ends the draining of a stop that is going on. */
  hurry(): void {
    this.#fleet.hurry()
  }

  async #stop(drainMs: number): Promise<void> {
    clearInterval(this.#timer)
    this.#unsubscribe()
    this.#fleet.close()
    const draining = this.#giveAway(this.#fleet.flowIds(), drainMs)
    const { engineId } = this.#tenure
    if (engineId) await settleWithin(markEngineStopping(engineId), CLOSE_LIMIT_MS)
    // A pass in mid-way may have begun to let go of others.
    await settleWithin(this.#reconciling ?? Promise.resolve(), CLOSE_LIMIT_MS)
    await Promise.all([draining, this.#giveAway(this.#fleet.flowIds(), drainMs), this.#fleet.whenRetired()])
    await settleWithin(this.#states.flush(), CLOSE_LIMIT_MS)
    await settleWithin(this.#ledger.close(), CLOSE_LIMIT_MS)
    await this.#snapshots.stop()
    await settleWithin(this.#tenure.end(), CLOSE_LIMIT_MS)
    publishLive('engines')
  }

  /** One pass at a time; a call during a pass asks for one more, and waits for it. */
  #reconcile(): Promise<void> {
    this.#isAskedAgain = true
    this.#reconciling ??= this.#reconcileUntilQuiet().finally(() => {
      this.#reconciling = undefined
    })
    return this.#reconciling
  }

  async #reconcileUntilQuiet(): Promise<void> {
    while (this.#isAskedAgain && !this.#stopped) {
      this.#isAskedAgain = false
      try {
        await this.#reconcileOnce()
      } catch (error) {
        this.#logUnlessAway(error, {}, 'the event flows could not be looked at')
      }
    }
  }

  async #reconcileOnce(): Promise<void> {
    const engineId = this.#tenure.engineId
    // Not in the database, or not surely: the next heartbeat tells.
    if (!engineId) return
    await this.#watch.attempt(reapEngines)
    const view = await this.#watch.attempt(viewLeases)
    if (this.#stopped || engineId !== this.#tenure.engineId) return
    const surplus = this.#holding.surplus(engineId, view)
    if (surplus > 0) void this.#giveAway(this.#leastBusy(surplus), this.#drainMs)
    const taken =
      surplus < 0 && view.freeCount > 0
        ? await this.#watch.attempt(() => this.#holding.take(engineId, -surplus, this.#options.slots ?? INITIAL_SLOTS))
        : 0
    // Before the flows are resolved: a change in between is seen by the next pass.
    const limits = (await this.#watch.attempt(async () => this.#options.limitsMark?.())) ?? ''
    const mark = `${view.mark} ${limits}`
    if (taken > 0 || mark !== this.#mark || this.#fleet.hasFailed) await this.#lookAtFlows(mark, limits)
    await this.#states.flush()
  }

  async #lookAtFlows(mark: string, limits: string): Promise<void> {
    const flows = await this.#watch.attempt(() => readFlows(this.#holding.flowIds(), limits))
    if (this.#stopped) return
    this.#mark = mark
    const present = new Set(flows.map(({ id }) => id))
    for (const flowId of this.#holding.flowIds()) {
      if (present.has(flowId)) continue
      void this.#fleet.retire(flowId)
      this.#holding.forget(flowId)
    }
    await this.#fleet.bringUpToDate(flows, (flowId) => this.#holding.leaseOf(flowId))
  }

  /** Drains the flows, each by itself, and frees them for other engines. Never rejects. */
  async #giveAway(flowIds: string[], drainMs: number): Promise<void> {
    await Promise.all(
      flowIds.map((flowId) =>
        this.#holding.giveAway(flowId, async () => {
          await this.#fleet.retire(flowId, drainMs)
          // The next owner's states come after ours.
          await settleWithin(this.#states.flush(), CLOSE_LIMIT_MS)
        }),
      ),
    )
    publishLive('engines')
  }

  #leastBusy(count: number): string[] {
    const inFlight = (flowId: string) => this.#fleet.statusOf(flowId)?.inFlight.length ?? 0
    return this.#holding
      .flowIds()
      .sort((one, other) => inFlight(one) - inFlight(other))
      .slice(0, count)
  }

  #consumerParts(flow: FlowSpec, lease: Lease): ConsumerParts {
    return {
      ...this.#options,
      lease,
      recorder: this.#ledger,
      outputs: this.#outputs,
      onStateChange: (changed, change) => this.#onStateChange(changed, lease, change),
      onStatusChange: () => {
        this.#snapshots.note(flow.id)
        publishLiveSoon(`flow:${flow.id}`)
      },
      misconfiguredRetryMs: this.#options.misconfiguredRetryMs ?? MISCONFIGURED_RETRY_MS,
    }
  }

  #onStateChange(flow: FlowSpec, lease: Lease, change: StateChange): void {
    const current = this.#fleet.consumerOf(flow.id)
    // What a retired consumer goes through on its way out is not its flow's state any more.
    if (current && (current.flow.revision !== flow.revision || this.#fleet.leaseOf(flow.id) !== lease)) return
    if (change.state === 'reconnecting') metrics().reconnects.inc({ flow: flow.id, queue: flow.queueName })
    if (change.state !== 'starting') this.#fleet.noteConnected(current)
    this.#states.note(flow, change, lease.mark.engineId)
    this.#snapshots.note(flow.id)
  }

  #onLapsed(): void {
    this.#options.logger.error('no heartbeat reached the database: nothing runs until one does')
    metrics().leaseLapses.inc()
    this.#holding.lapse()
  }

  #onLost(): void {
    this.#options.logger.error('other engines have taken over the flows of this one: it begins anew')
    metrics().leaseLosses.inc()
    this.#holding.lose()
    for (const flowId of this.#fleet.flowIds()) void this.#fleet.retire(flowId, 0)
  }

  #onDatabase(isAway: boolean, error: unknown): void {
    const { logger } = this.#options
    metrics().databaseAway.set(isAway ? 1 : 0)
    if (isAway) logger.error({ err: error }, 'the database does not answer; messages are held')
    else logger.info('the database answers again')
    this.#fleet.noteDatabase(isAway)
  }

  #logUnlessAway(error: unknown, fields: object, text: string): void {
    if (!this.#watch.isAway) this.#options.logger.error({ err: error, ...fields }, text)
  }
}
