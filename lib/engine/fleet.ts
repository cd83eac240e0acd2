import { Consumer, type ConsumerParts } from './consumer'
import type { ConsumerStatus } from './current'
import type { Lease } from './leases/lease'
import { Limited } from './limited'
import { settleWithin } from './settle-within'
import type { FlowSpec, RunTarget } from './target'

/** Consumers that connect at a time: a thousand at once would only make each other time out. */
const CONNECTING_AT_A_TIME = 32
/** A queue that does not answer keeps the others waiting for this long at most. */
const CONNECT_TURN_MS = 2_000

export type FleetParts = {
  consumerParts(flow: FlowSpec, lease: Lease): ConsumerParts
  resolve(flow: FlowSpec): Promise<RunTarget | null>
  isDatabaseAway(): boolean
  /** A flow that could not be started or changed now; it is tried again with the next `bringUpToDate`. */
  onFailure(flow: FlowSpec, error: unknown): void
  drainMs: number
}

type Member = { consumer: Consumer; lease: Lease; versionsMark: string }

/** The consumers of this engine: one a flow, and those of deleted, edited and given away flows while they drain. */
export class Fleet {
  readonly #parts: FleetParts
  readonly #members = new Map<string, Member>()
  readonly #retiring = new Map<Consumer, Promise<void>>()
  readonly #starts = new Limited(CONNECTING_AT_A_TIME)
  readonly #connectWaiters = new Map<Consumer, () => void>()
  #isClosed = false
  #hasFailed = false

  constructor(parts: FleetParts) {
    this.#parts = parts
  }

  /** Something of the last pass did not work: what is to run has to be looked at again. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** What consumers do, one a flow: those that drain too, unless a successor is there. */
  statuses(): ConsumerStatus[] {
    const draining = [...this.#retiring.keys()].filter(({ flow }) => !this.#members.has(flow.id))
    const all = [...draining, ...[...this.#members.values()].map(({ consumer }) => consumer)]
    return [...new Map(all.map((consumer) => [consumer.flow.id, consumer])).values()].map((one) => one.status())
  }

  statusOf(flowId: string): ConsumerStatus | undefined {
    const draining = () => [...this.#retiring.keys()].findLast(({ flow }) => flow.id === flowId)
    return (this.#members.get(flowId)?.consumer ?? draining())?.status()
  }

  leaseOf(flowId: string): Lease | undefined {
    return this.#members.get(flowId)?.lease
  }

  consumerOf(flowId: string): Consumer | undefined {
    return this.#members.get(flowId)?.consumer
  }

  flowIds(): string[] {
    return [...this.#members.keys()]
  }

  /** Starts and changes consumers until each of `flows` runs what it is to run. Never rejects. */
  async bringUpToDate(flows: FlowSpec[], leaseOf: (flowId: string) => Lease | undefined): Promise<void> {
    this.#hasFailed = false
    await Promise.all(
      flows.map(async (flow) => {
        const lease = leaseOf(flow.id)
        if (!lease) return
        const member = this.#members.get(flow.id)
        if (member && (member.consumer.flow.revision !== flow.revision || member.lease !== lease)) this.retire(flow.id)
        await this.#keep(flow, lease)
      }),
    )
  }

  /** Lets go of a consumer: drains, gives back. Resolves when it has ended; a successor need not wait for that. */
  retire(flowId: string, drainMs = this.#parts.drainMs): Promise<void> {
    const consumer = this.#members.get(flowId)?.consumer
    this.#members.delete(flowId)
    if (!consumer) return Promise.resolve()
    this.#connectWaiters.get(consumer)?.()
    const stopped = consumer.stop(drainMs).finally(() => this.#retiring.delete(consumer))
    this.#retiring.set(consumer, stopped)
    return stopped
  }

  noteDatabase(isAway: boolean): void {
    for (const { consumer } of this.#members.values()) consumer.noteDatabase(isAway)
  }

  /** A consumer has left the state `starting`: the next one may connect. */
  noteConnected(consumer: Consumer | undefined): void {
    if (consumer) this.#connectWaiters.get(consumer)?.()
  }

  /** Nothing is started any more. */
  close(): void {
    this.#isClosed = true
  }

  async whenRetired(): Promise<void> {
    while (this.#retiring.size > 0) await Promise.all(this.#retiring.values())
  }

  /** Ends all draining that goes on. */
  hurry(): void {
    for (const { consumer } of this.#members.values()) consumer.hurry()
    for (const consumer of this.#retiring.keys()) consumer.hurry()
  }

  async #keep(flow: FlowSpec, lease: Lease): Promise<void> {
    const known = this.#members.get(flow.id)
    known?.consumer.setWish(flow.wish)
    if (this.#isClosed || known?.versionsMark === flow.versionsMark) return
    const member = known ?? {
      consumer: new Consumer(flow, this.#parts.consumerParts(flow, lease)),
      lease,
      versionsMark: '',
    }
    member.versionsMark = flow.versionsMark
    this.#members.set(flow.id, member)
    try {
      await this.#inTurn(() => this.#setTarget(flow, member))
    } catch (error) {
      member.versionsMark = ''
      this.#hasFailed = true
      this.#parts.onFailure(flow, error)
    }
  }

  /** Waits for `start`; its turn lasts until the consumer that it hands back has connected. */
  #inTurn(start: () => Promise<Consumer | undefined>): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.#starts.run(async () => {
        const starting = start()
        starting.then(() => resolve(), reject)
        const consumer = await starting.catch(() => undefined)
        if (consumer?.status().state === 'starting') await this.#untilConnected(consumer)
      })
    })
  }

  async #setTarget(flow: FlowSpec, member: Member): Promise<Consumer | undefined> {
    const isStale = () => this.#isClosed || this.#members.get(flow.id) !== member
    if (isStale()) return undefined
    const target = await this.#parts.resolve(flow)
    if (isStale() || member.versionsMark !== flow.versionsMark) return undefined
    member.consumer.setTarget(target)
    member.consumer.noteDatabase(this.#parts.isDatabaseAway())
    return member.consumer
  }

  async #untilConnected(consumer: Consumer): Promise<void> {
    const connected = new Promise<void>((resolve) => this.#connectWaiters.set(consumer, resolve))
    await settleWithin(connected, CONNECT_TURN_MS)
    this.#connectWaiters.delete(consumer)
  }
}
