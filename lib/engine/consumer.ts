import type { Logger } from '@/lib/logger'
import type { Runtime } from '@/lib/runtime/port'
import { parseConnectionString } from './broker/connection-string'
import { explainFault } from './broker/explain-fault'
import { type BrokerFault, isMisconfigured } from './broker/fault'
import type { ConnectBroker } from './broker/port'
import { type StateChange, StateHolder } from './consumer-state'
import type { ConsumerStatus } from './current'
import type { BackOffPolicy, Obstacle } from './decide'
import type { Lease } from './leases/lease'
import { Link } from './link'
import type { Recorder } from './recorder'
import type { FlowSpec, RunTarget } from './target'

export type ConsumerParts = {
  connectBroker: ConnectBroker
  runtime: Pick<Runtime, 'invoke'>
  lease: Lease
  recorder: Recorder
  logger: Logger
  /** Opens what `FlowSpec.sealedConnectionString` holds. */
  unseal(sealed: string): string
  onStateChange(flow: FlowSpec, change: StateChange): void
  onInFlightChange(flow: FlowSpec): void
  /** How long after a fault that a person must mend the queue is tried again. */
  misconfiguredRetryMs: number
  /** How long a link that was given up waits for what is in work on it. */
  drainMs: number
  backOff?: BackOffPolicy
  slots?: number
}

/** Receives from one flow's queue and runs its messages, until it is stopped. */
export class Consumer {
  readonly flow: FlowSpec
  readonly #parts: ConsumerParts
  readonly #state: StateHolder
  readonly #hurry = new AbortController()
  #target: RunTarget | null = null
  #link: Link | undefined
  /** Given up, but not empty yet. */
  readonly #closing = new Map<Link, Promise<void>>()
  #retry: NodeJS.Timeout | undefined
  #obstacle: Obstacle | null = null
  #stopped: Promise<void> | undefined

  constructor(flow: FlowSpec, parts: ConsumerParts) {
    this.flow = flow
    this.#parts = parts
    this.#state = new StateHolder((change) => parts.onStateChange(flow, change))
  }

  /** Sets what messages run from now on. Nothing to run: receives nothing more; something (again): receives. */
  setTarget(target: RunTarget | null): void {
    if (this.#stopped) return
    if (target === null) {
      this.#letGoOfLink()
      this.#state.enter('waiting_for_version', waitingText(this.flow))
      return
    }
    this.#target = target
    const { state } = this.#state.current
    if (state === 'stopped' || state === 'waiting_for_version') this.#open()
    else this.#showCondition()
  }

  /** The database went away or came back: what is received meanwhile is held. */
  noteDatabase(isAway: boolean): void {
    if (isAway) this.#noteObstacle({ kind: 'database_away', text: DATABASE_AWAY_TEXT })
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
      semanticVersion: this.#target?.semanticVersion ?? null,
      inFlight: [...(this.#link?.inFlight() ?? []), ...[...this.#closing.keys()].flatMap((link) => link.inFlight())],
    }
  }

  /** Drains for up to `drainMs`, gives back what is not done, lets go of the broker. Later calls wait for the first. */
  stop(drainMs: number): Promise<void> {
    this.#stopped ??= this.#stop(drainMs)
    return this.#stopped
  }

  /** Ends the waiting of a stop that is going on. */
  hurry(): void {
    this.#hurry.abort()
  }

  async #stop(drainMs: number): Promise<void> {
    clearTimeout(this.#retry)
    if (this.#state.state === 'stopped') return
    this.#state.enter('draining', 'Receives no further messages and ends those in work.')
    this.#letGoOfLink(drainMs)
    await Promise.all(this.#closing.values())
    this.#state.enter('stopped', 'The engine has stopped. It goes on when the server starts again.')
  }

  #open(): void {
    clearTimeout(this.#retry)
    const { flow } = this
    this.#state.enter('starting', `Connects to queue ${flow.queueName} on ${flow.namespaceHost}.`)
    try {
      const broker = this.#parts.connectBroker(this.#parts.unseal(flow.sealedConnectionString))
      const link: Link = new Link(broker, {
        ...this.#parts,
        flow,
        target: () => this.#runnableTarget(),
        onObstacle: (obstacle) => this.#noteObstacle(obstacle),
        onInFlightChange: () => this.#parts.onInFlightChange(flow),
        onConnected: () => this.#showCondition(),
        onFault: (fault) => link === this.#link && this.#onFault(fault),
      })
      this.#link = link
    } catch (error) {
      const detail = error instanceof Error ? error.message : 'unknown error'
      this.#giveUpForNow(
        `The stored connection string can not be used (${detail}). Edit the event flow and enter it again.`,
      )
    }
  }

  #runnableTarget(): RunTarget {
    if (!this.#target) throw new Error('a consumer received without a version to run')
    return this.#target
  }

  #onFault(fault: BrokerFault): void {
    // About one message, or our own doing: says nothing of the link.
    if (fault.kind === 'lock_lost' || fault.kind === 'aborted') return
    const { text } = explainFault(fault, placeOf(this.flow, this.#parts.unseal(this.flow.sealedConnectionString)))
    if (this.#state.state !== 'reconnecting')
      this.#parts.logger.warn({ fault, flowId: this.flow.id }, 'the link is down')
    if (isMisconfigured(fault)) this.#giveUpForNow(text)
    else this.#state.enter('reconnecting', `${text} It is tried again every second.`)
  }

  #giveUpForNow(text: string): void {
    const { misconfiguredRetryMs } = this.#parts
    this.#letGoOfLink()
    this.#state.enter('misconfigured', `${text} It is tried again every ${Math.round(misconfiguredRetryMs / 1_000)} s.`)
    // A fresh client each time: a client that was refused once goes on with what it has learnt.
    this.#retry = setTimeout(() => this.#open(), misconfiguredRetryMs)
  }

  #letGoOfLink(drainMs = this.#parts.drainMs): void {
    clearTimeout(this.#retry)
    const link = this.#link
    this.#link = undefined
    if (!link) return
    const closed = link.close(drainMs, this.#hurry.signal).then(() => void this.#closing.delete(link))
    this.#closing.set(link, closed)
  }

  #noteObstacle(obstacle: Obstacle | null): void {
    if (obstacle?.kind === 'overloaded') return // passes by itself, and the slots are all taken: nothing to tell
    if (obstacle?.text === this.#obstacle?.text) return
    this.#obstacle = obstacle
    this.#showCondition()
  }

  /** While the link stands, what matters is whether messages can run. */
  #showCondition(): void {
    if (!this.#link?.isUp || this.#stopped) return
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

const DATABASE_AWAY_TEXT = 'The database does not answer. Messages are held until it does, and none is lost.'

function waitingText({ algorithmName, versionSelector }: FlowSpec): string {
  const wanted = versionSelector ? `version ${versionSelector}` : 'version'
  return `There is no ${wanted} of ${algorithmName} that the flow's owner may call. Publish one; messages stay on the queue until then.`
}

function placeOf({ queueName, namespaceHost }: FlowSpec, connectionString: string) {
  const { keyName, isEmulator, entityPath } = parseConnectionString(connectionString)
  return { queueName, host: namespaceHost, keyName, isEmulator, ...(entityPath ? { entityPath } : {}) }
}
