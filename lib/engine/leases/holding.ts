import { metrics } from '@/lib/telemetry/registry'
import { createBatcher } from '../batcher'
import { Lease, type LeaseMark } from './lease'
import { acquireLeases, type LeaseView, releaseLeases } from './lease-store'
import { quotaOf } from './quota'

const MAX_RELEASES = 500

/** The flows that this engine has, those that it is about to give away included. */
export class Holding {
  readonly #leases = new Map<string, Lease>()
  /** Still ours, until what is in work on them is done. */
  readonly #leaving = new Set<string>()
  readonly #releases = createBatcher<LeaseMark, undefined>(
    async (marks) => {
      await releaseLeases(marks)
      return marks.map(() => undefined)
    },
    { maxItems: MAX_RELEASES },
  )

  /** The lease of a flow that is to be consumed here. */
  leaseOf(flowId: string): Lease | undefined {
    return this.#leaving.has(flowId) ? undefined : this.#leases.get(flowId)
  }

  flowIds(): string[] {
    return [...this.#leases.keys()].filter((id) => !this.#leaving.has(id))
  }

  /** How many flows to give away so that others get their share; negative: how many to take. */
  surplus(engineId: string, { engineIds, flowCount }: LeaseView): number {
    return this.flowIds().length - quotaOf(engineId, engineIds, flowCount)
  }

  /** @returns how many flows it got: others may have been quicker. */
  async take(engineId: string, count: number, slotsPerFlow: number): Promise<number> {
    const marks = await acquireLeases(engineId, count)
    for (const mark of marks) this.#leases.set(mark.flowId, new Lease(mark, slotsPerFlow))
    metrics().leasesTaken.inc(marks.length)
    this.#count()
    return marks.length
  }

  /** Ends the flow's work by `drain` first; nobody else can have it before. */
  async giveAway(flowId: string, drain: () => Promise<void>): Promise<void> {
    const lease = this.#leases.get(flowId)
    if (!lease || this.#leaving.has(flowId)) return
    this.#leaving.add(flowId)
    await drain()
    await this.#releases.add(lease.mark).catch(() => {})
    if (this.#leases.get(flowId) !== lease) return
    metrics().leasesGiven.inc()
    this.forget(flowId)
  }

  /** Drops what is not there any more; a deleted flow takes its lease along. */
  forget(flowId: string): void {
    this.#leaving.delete(flowId)
    this.#leases.delete(flowId)
    this.#count()
  }

  lapse(): void {
    for (const lease of this.#leases.values()) lease.lapse()
  }

  confirm(): void {
    for (const lease of this.#leases.values()) lease.confirm()
  }

  /** All of it is somebody else's. */
  lose(): void {
    this.lapse()
    this.#leases.clear()
    this.#leaving.clear()
    this.#count()
  }

  #count(): void {
    metrics().leases.set(this.#leases.size)
  }
}
