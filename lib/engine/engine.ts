import { publishLive } from '@/lib/live/bus'
import type { Logger } from '@/lib/logger'
import type { Runtime } from '@/lib/runtime/port'
import type { ConnectBroker } from './broker/port'
import { Consumer, type ConsumerParts } from './consumer'
import type { ConsumerStatus, CurrentEngine } from './current'
import { DatabaseWatch } from './database-watch'
import type { BackOffPolicy } from './decide'
import { readFlows } from './flow-source'
import { createLedger } from './ledger'
import { settleWithin } from './settle-within'
import { StateLog } from './state-log'
import type { FlowSpec, RunTarget } from './target'

const RECONCILE_MS = 2_000
const MISCONFIGURED_RETRY_MS = 60_000
const DEFAULT_DRAIN_MS = 30_000
const LEDGER_CLOSE_LIMIT_MS = 5_000

export type EngineOptions = {
  runtime: Pick<Runtime, 'invoke'>
  connectBroker: ConnectBroker
  /** What a flow's messages run for its owner, or null; lib/versions/resolve.ts. */
  resolve(ownerId: string, algorithmId: string, versionSelector: string | null): Promise<RunTarget | null>
  /** Opens a flow's stored connection string. */
  unseal(sealed: string): string
  logger: Logger
  /** How long a consumer that is given up waits for what is in work. */
  drainMs?: number
  reconcileMs?: number
  misconfiguredRetryMs?: number
  backOff?: BackOffPolicy
  slots?: number
}

type Running = { consumer: Consumer; versionsMark: string }

/** Keeps one consumer a flow: looks at the flows every two seconds, and at once after a command. */
export class Engine implements CurrentEngine {
  readonly #options: EngineOptions
  readonly #watch: DatabaseWatch
  readonly #ledger: ReturnType<typeof createLedger>
  readonly #states: StateLog
  readonly #running = new Map<string, Running>()
  /** Consumers of deleted and changed flows that still drain. */
  readonly #retiring = new Map<Consumer, Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #reconciling: Promise<void> | undefined
  #isAskedAgain = false
  #stopped: Promise<void> | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#watch = new DatabaseWatch((isAway, error) => this.#onDatabase(isAway, error))
    this.#ledger = createLedger(this.#watch)
    this.#states = new StateLog(this.#watch, options.logger)
  }

  get isRunning(): boolean {
    return this.#timer !== undefined && !this.#stopped
  }

  /** Starts the consumers of all flows. A database that does not answer yet is waited for in the background. */
  async start(): Promise<void> {
    if (this.#timer || this.#stopped) return
    this.#timer = setInterval(() => void this.#reconcile(), this.#options.reconcileMs ?? RECONCILE_MS)
    await this.#reconcile()
  }

  status(): ConsumerStatus[] {
    return [...this.#running.values()].map(({ consumer }) => consumer.status())
  }

  async refreshFlow(_flowId: string): Promise<void> {
    await this.refreshAll()
  }

  async refreshAll(): Promise<void> {
    if (this.isRunning) await this.#reconcile()
  }

  /** Stops receiving everywhere, drains, gives back what is not done, writes what is left. Later calls wait too. */
  stop(drainMs = this.#options.drainMs ?? DEFAULT_DRAIN_MS): Promise<void> {
    this.#stopped ??= this.#stop(drainMs)
    return this.#stopped
  }

  /** Ends the draining of a stop that is going on. */
  hurry(): void {
    for (const { consumer } of this.#running.values()) consumer.hurry()
    for (const consumer of this.#retiring.keys()) consumer.hurry()
  }

  async #stop(drainMs: number): Promise<void> {
    clearInterval(this.#timer)
    // A reconcile in mid-way may still start consumers: wait, so that all are known.
    await this.#reconciling
    await Promise.all([
      ...[...this.#running.values()].map(({ consumer }) => consumer.stop(drainMs)),
      ...this.#retiring.values(),
    ])
    await settleWithin(this.#states.flush(), LEDGER_CLOSE_LIMIT_MS)
    await settleWithin(this.#ledger.close(), LEDGER_CLOSE_LIMIT_MS)
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
        if (!this.#watch.isAway) this.#options.logger.error({ err: error }, 'the event flows could not be looked at')
      }
    }
  }

  async #reconcileOnce(): Promise<void> {
    const flows = await this.#watch.attempt(() => readFlows())
    const wanted = new Map(flows.map((flow) => [flow.id, flow]))
    for (const [id, { consumer }] of this.#running) {
      if (wanted.get(id)?.revision !== consumer.flow.revision) this.#retire(id, consumer)
    }
    for (const flow of flows) {
      if (this.#stopped) return
      await this.#bringUpToDate(flow)
    }
    await this.#states.flush()
  }

  async #bringUpToDate(flow: FlowSpec): Promise<void> {
    const running = this.#running.get(flow.id)
    if (running?.versionsMark === flow.versionsMark) return
    const { resolve } = this.#options
    const target = await this.#watch.attempt(() => resolve(flow.ownerId, flow.algorithmId, flow.versionSelector))
    if (this.#stopped) return
    const consumer = running?.consumer ?? new Consumer(flow, this.#consumerParts())
    this.#running.set(flow.id, { consumer, versionsMark: flow.versionsMark })
    consumer.setTarget(target)
    consumer.noteDatabase(this.#watch.isAway)
  }

  /** Lets go of a consumer in the background: its successor need not wait for what is in work. */
  #retire(flowId: string, consumer: Consumer): void {
    this.#running.delete(flowId)
    const stopped = consumer.stop(this.#options.drainMs ?? DEFAULT_DRAIN_MS)
    this.#retiring.set(
      consumer,
      stopped.then(() => void this.#retiring.delete(consumer)),
    )
  }

  #consumerParts(): ConsumerParts {
    const { runtime, connectBroker, unseal, logger, backOff, slots } = this.#options
    return {
      runtime,
      connectBroker,
      unseal,
      logger,
      recorder: this.#ledger,
      onStateChange: (flow, change) => {
        // What a retired consumer goes through on its way out is not its flow's state any more.
        const current = this.#running.get(flow.id)?.consumer
        if (!current || current.flow.revision === flow.revision) this.#states.note(flow, change)
      },
      onInFlightChange: (flow) => publishLive(`flow:${flow.id}`),
      misconfiguredRetryMs: this.#options.misconfiguredRetryMs ?? MISCONFIGURED_RETRY_MS,
      drainMs: this.#options.drainMs ?? DEFAULT_DRAIN_MS,
      ...(backOff ? { backOff } : {}),
      ...(slots ? { slots } : {}),
    }
  }

  #onDatabase(isAway: boolean, error: unknown): void {
    const { logger } = this.#options
    if (isAway) logger.error({ err: error }, 'the database does not answer; messages are held')
    else logger.info('the database answers again')
    for (const { consumer } of this.#running.values()) consumer.noteDatabase(isAway)
  }
}
