import type { Logger } from '@/lib/logger'
import type { Runtime } from '@/lib/runtime/port'
import { parseConnectionString } from './broker/connection-string'
import { explainFault } from './broker/explain-fault'
import { type BrokerFault, isMisconfigured } from './broker/fault'
import type { ConnectBroker } from './broker/port'
import { type StateChange, StateHolder } from './consumer-state'
import * as texts from './consumer-texts'
import type { ConsumerStatus } from './current'
import type { BackOffPolicy, Obstacle } from './decide'
import type { Lease } from './leases/lease'
import { Link } from './link'
import { Links } from './links'
import type { Outputs } from './output/outputs'
import type { Recorder } from './recorder'
import { Slots } from './slots'
import type { FlowSpec, FlowWish, RunTarget } from './target'
import { WATCHDOG_TIMES, Watchdog, type WatchdogTimes } from './watchdog'

/** So many tries in a row that look like a broker without TLS are one. */
const SURE_AFTER_TRIES = 4

export type ConsumerParts = {
  connectBroker: ConnectBroker
  runtime: Pick<Runtime, 'invoke' | 'keepWarm'>
  lease: Lease
  recorder: Recorder
  outputs: Outputs
  logger: Logger
  /** Opens what `FlowSpec.sealedConnectionString` holds. */
  unseal(sealed: string): string
  onStateChange(flow: FlowSpec, change: StateChange): void
  /** What the status says besides the state has changed: what is in flight, or when the link is tried again. */
  onStatusChange(flow: FlowSpec): void
  /** How long after a fault that a person must mend the queue is tried again. */
  misconfiguredRetryMs: number
  /** In place of the flow's own; for tests. */
  backOff?: BackOffPolicy
  slots?: number
  watchdog?: WatchdogTimes
  recycleAfterDeliveries?: number
  lockRenewalLimitMs?: number
}

/** Receives from one flow's queue and runs its messages, until it is stopped. */
export class Consumer {
  readonly flow: FlowSpec
  readonly #parts: ConsumerParts
  readonly #state: StateHolder
  readonly #slots: Slots
  readonly #watchdog: Watchdog
  readonly #links = new Links()
  #wish: FlowWish
  #target: RunTarget | null = null
  #retry: NodeJS.Timeout | undefined
  #nextTryAt: Date | null = null
  #obstacle: Obstacle | null = null
  #hasConnected = false
  #refusedTries = 0
  #stopped: Promise<void> | undefined
  #letGoOfWorker: (() => void) | undefined

  constructor(flow: FlowSpec, parts: ConsumerParts) {
    this.flow = parts.lockRenewalLimitMs ? { ...flow, lockRenewalLimitMs: parts.lockRenewalLimitMs } : flow
    this.#parts = parts
    this.#wish = flow.wish
    this.#slots = new Slots(parts.slots ?? flow.concurrency)
    parts.lease.setLimit(this.#slots.count)
    this.#state = new StateHolder((change) => parts.onStateChange(flow, change))
    const times = parts.watchdog ?? WATCHDOG_TIMES
    this.#watchdog = new Watchdog(
      times,
      () => this.#look(times),
      (text) => this.#rebuild(text),
    )
  }

  /** Sets what messages run from now on. Nothing to run: receives nothing more; something (again): receives. */
  setTarget(target: RunTarget | null): void {
    this.#target = target
    // What was wrong with the former one says nothing of this one.
    if (this.#obstacle?.kind === 'no_version' || this.#obstacle?.kind === 'not_built') this.#obstacle = null
    this.#follow()
  }

  /** Sets what a person wants: to receive, to pause, or to drain. */
  setWish(wish: FlowWish): void {
    const isSame = wish.intent === this.#wish.intent && wish.by === this.#wish.by
    this.#wish = wish
    if (!isSame) this.#follow()
  }

  /** The database went away or came back: what is received meanwhile is held. */
  noteDatabase(isAway: boolean): void {
    if (isAway) this.#noteObstacle({ kind: 'database_away', text: texts.DATABASE_AWAY_TEXT })
    else if (this.#obstacle?.kind === 'database_away') this.#noteObstacle(null)
  }

  status(): ConsumerStatus {
    const { id, ownerId, algorithmId, queueName, namespaceHost } = this.flow
    return {
      flowId: id,
      ownerId,
      algorithmId,
      queueName,
      namespaceHost,
      ...this.#state.current,
      nextTryAt: this.#nextTryAt,
      semanticVersion: this.#target?.semanticVersion ?? null,
      inFlight: this.#links.inFlight(),
    }
  }

  /** Drains for up to `drainMs`, gives back what is not done, lets go of the broker. Later calls wait for the first. */
  stop(drainMs: number): Promise<void> {
    this.#stopped ??= this.#stop(drainMs)
    return this.#stopped
  }

  /** Ends the waiting of a stop that is going on. */
  hurry(): void {
    this.#links.hurry()
  }

  async #stop(drainMs: number): Promise<void> {
    clearTimeout(this.#retry)
    this.#watchdog.stop()
    this.#keepWarm(null)
    // A flow that somebody paused stays paused over a restart, and says so.
    const isQuiet = this.#state.state === 'stopped' || this.#state.state === 'paused'
    if (!isQuiet) this.#state.enter('draining', texts.DRAINING_TEXT)
    this.#letGoOfLink(drainMs)
    await this.#links.whenClosed()
    if (!isQuiet) this.#state.enter('stopped', texts.ENGINE_STOPPED_TEXT)
  }

  /** Does what the wish and the target call for. */
  #follow(): void {
    if (this.#stopped) return
    this.#keepWarm(this.#wish.intent === 'run' ? this.#target : null)
    if (this.#wish.intent === 'paused') this.#rest('paused', texts.pausedText(this.#wish))
    else if (this.#wish.intent === 'drained') void this.#drain()
    else if (!this.#target) this.#rest('waiting_for_version', texts.waitingText(this.flow))
    else if (this.#links.current || this.#retry) this.#showCondition()
    else this.#open()
  }

  /** While it receives, each message meets a worker that is ready, also the first one after a long silence. */
  #keepWarm(target: RunTarget | null): void {
    const letGo = this.#letGoOfWorker
    this.#letGoOfWorker = target ? this.#parts.runtime.keepWarm(target.runnable) : undefined
    letGo?.()
  }

  /** Receives nothing; what is in work ends. */
  #rest(state: 'paused' | 'waiting_for_version', reason: string): void {
    this.#letGoOfLink(null)
    this.#state.enter(state, reason)
  }

  async #drain(): Promise<void> {
    this.#letGoOfLink(null)
    if (this.#state.state !== 'stopped') this.#state.enter('draining', texts.drainingText(this.#wish))
    await this.#links.whenClosed()
    if (this.#wish.intent === 'drained' && !this.#stopped) this.#state.enter('stopped', texts.drainedText(this.#wish))
  }

  #open(cause?: string): void {
    if (cause) this.#enterUntil('reconnecting', cause, new Date())
    else this.#state.enter('starting', texts.startingText(this.flow))
    this.#tryLink()
  }

  #tryLink(): void {
    this.#forgetRetry()
    try {
      this.#links.use(this.#connect())
    } catch (error) {
      const detail = error instanceof Error ? error.message : 'unknown error'
      this.#giveUpForNow(
        `The stored connection string can not be used (${detail}). Edit the event flow and enter it again.`,
      )
    }
  }

  #connect(): Link {
    const { flow } = this
    const broker = this.#parts.connectBroker(this.#parts.unseal(flow.sealedConnectionString))
    const link: Link = new Link(broker, {
      ...this.#parts,
      flow,
      slots: this.#slots,
      target: () => this.#target,
      onObstacle: (obstacle) => this.#noteObstacle(obstacle),
      onInFlightChange: () => this.#parts.onStatusChange(flow),
      onConnected: () => link === this.#links.current && this.#onConnected(),
      onFault: (fault, nextTryAt) => link === this.#links.current && this.#onFault(fault, nextTryAt),
      onStuck: () => link === this.#links.current && this.#rebuild(texts.frozenText(flow)),
      onLife: () => this.#watchdog.noteLife(),
      onExhausted: () => link === this.#links.current && this.#replaceLink(),
    })
    return link
  }

  #onConnected(): void {
    this.#hasConnected = true
    this.#nextTryAt = null
    this.#showCondition()
    if (this.#links.current) void this.#checkOutput(this.#links.current)
  }

  /** Says that results have no place before the first message is there to find out, and looks until they have one. */
  async #checkOutput(link: Link): Promise<void> {
    if (link !== this.#links.current) return
    const obstacle = await this.#parts.outputs.hindrance(this.flow)
    if (link !== this.#links.current || this.#stopped) return
    const isOurs = this.#obstacle?.kind === 'output_unwritable' || this.#obstacle?.kind === 'storage_away'
    if (obstacle) this.#noteObstacle(obstacle)
    else if (isOurs) this.#noteObstacle(null)
    if (obstacle) setTimeout(() => void this.#checkOutput(link), this.#parts.misconfiguredRetryMs).unref()
  }

  #onFault(told: BrokerFault, nextTryAt: Date): void {
    // A connection that is closed at once looks like one without TLS: where there was one before, or at the first tries,
    // nobody is at home.
    const isAway = told.kind === 'tls_mismatch' && (this.#hasConnected || ++this.#refusedTries < SURE_AFTER_TRIES)
    const fault: BrokerFault = isAway ? { ...told, kind: 'unreachable' } : told
    // About one message, or our own doing: says nothing of the link.
    if (fault.kind === 'lock_lost' || fault.kind === 'aborted') return
    const { text } = explainFault(fault, placeOf(this.flow, this.#parts.unseal(this.flow.sealedConnectionString)))
    if (this.#state.state !== 'reconnecting')
      this.#parts.logger.warn({ fault, flowId: this.flow.id }, 'the link is down')
    if (isMisconfigured(fault)) this.#giveUpForNow(text)
    else this.#enterUntil('reconnecting', text, nextTryAt)
  }

  #enterUntil(state: 'reconnecting' | 'misconfigured', text: string, nextTryAt: Date): void {
    this.#nextTryAt = nextTryAt
    this.#state.enter(state, text)
    this.#parts.onStatusChange(this.flow)
  }

  #giveUpForNow(text: string): void {
    const { misconfiguredRetryMs } = this.#parts
    this.#retireLink()
    this.#enterUntil('misconfigured', text, new Date(Date.now() + misconfiguredRetryMs))
    // A fresh client each time: a client that was refused once goes on with what it has learnt. A try that changes
    // nothing leaves the state with its time as it is.
    this.#retry = setTimeout(() => this.#tryLink(), misconfiguredRetryMs)
  }

  /** What is in work goes on over the old link, for as long as it takes; the slots are shared, so the cap holds. */
  #replaceLink(): void {
    this.#parts.logger.info({ flowId: this.flow.id }, 'a link is replaced: a delivery on it stays unsettled for long')
    this.#retireLink()
    this.#links.use(this.#connect())
  }

  /** What is wrong with a link that has been silent, or null. */
  async #look({ firstMs }: WatchdogTimes): Promise<string | null> {
    const link = this.#links.current
    if (!link) return null
    if (!link.isUp && !link.isStuck) return null
    if (!link.isUp) return link.hasToldFaults ? this.#state.current.reason : texts.frozenText(this.flow)
    try {
      const isWaiting = await link.hasWaiting(this.#links.inHand(this.flow.messageOrder === 'session'))
      // With all slots taken nothing can come; that the broker answers is all there is to know.
      return isWaiting && this.#slots.free > 0 && link === this.#links.current
        ? texts.silentText(Math.round(firstMs / 1_000))
        : null
    } catch {
      return link === this.#links.current ? texts.frozenText(this.flow) : null
    }
  }

  #rebuild(cause: string): void {
    if (!this.#links.current || this.#stopped) return
    this.#parts.logger.warn({ flowId: this.flow.id, cause }, 'a silent link is built anew')
    this.#retireLink()
    this.#open(cause)
  }

  #letGoOfLink(drainMs: number | null): void {
    this.#forgetRetry()
    this.#nextTryAt = null
    this.#links.letGo(drainMs)
  }

  #retireLink(): void {
    this.#forgetRetry()
    this.#links.retire()
  }

  #forgetRetry(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
  }

  #noteObstacle(obstacle: Obstacle | null): void {
    if (obstacle?.kind === 'overloaded') return // passes by itself, and the slots are all taken: nothing to tell
    if (obstacle?.text === this.#obstacle?.text) return
    this.#obstacle = obstacle
    this.#showCondition()
  }

  /** While the link stands, what matters is whether messages can run. */
  #showCondition(): void {
    if (!this.#links.current?.isUp || this.#stopped) return
    const obstacle = this.#obstacle
    if (!obstacle) this.#state.enter('receiving', this.#receivingText())
    else if (obstacle.kind === 'database_away') this.#state.enter('reconnecting', obstacle.text)
    else this.#state.enter('misconfigured', `${obstacle.text} Messages are held, and none is lost.`)
  }

  #receivingText(): string {
    const { queueName, algorithmName } = this.flow
    const version = this.#target?.semanticVersion ?? this.#target?.runnable.commitSha
    return `Each message on ${queueName} runs ${algorithmName}/${version}.`
  }
}

function placeOf({ queueName, namespaceHost }: FlowSpec, connectionString: string) {
  const { keyName, isEmulator, entityPath } = parseConnectionString(connectionString)
  return { queueName, host: namespaceHost, keyName, isEmulator, ...(entityPath ? { entityPath } : {}) }
}
