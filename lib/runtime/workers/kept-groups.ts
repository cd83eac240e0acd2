import type { Group, Slot } from './worker-slot'

/** What starts workers. */
type Starter = { mayStart: () => boolean; hasRoom: (group: Group) => boolean; start: (group: Group) => void }

/** Groups that are to have a ready worker although no call waits: event flows run them. */
export class KeptGroups {
  readonly #starter: Starter
  readonly #restartMs: number
  /** Kept, and perhaps without a worker. */
  readonly #cold = new Set<Group>()

  /** @param restartMs between two starts of one group */
  constructor(starter: Starter, restartMs: number) {
    this.#starter = starter
    this.#restartMs = restartMs
  }

  /** A worker of the group ended, or there is none yet. */
  noteCold(group: Group): void {
    if (group.keepers > 0 && group.slots.size === 0) this.#cold.add(group)
  }

  /** Starts what is missing. Never at the cost of another worker: only a call does that. */
  startCold(): void {
    for (const group of this.#cold) {
      if (group.keepers === 0 || group.slots.size > 0 || group.hasFailedToLoad) {
        this.#cold.delete(group)
        continue
      }
      // One that ends by itself again and again is not worth a start each time.
      const isTooSoon = performance.now() - group.startedAt < this.#restartMs || group.backOff.remainingMs() > 0
      if (isTooSoon) continue
      if (!this.#starter.mayStart() || !this.#starter.hasRoom(group)) return
      this.#cold.delete(group)
      this.#starter.start(group)
    }
  }
}

/** Whether a worker is the last one that is ready, of a group that is to have one. */
export function isKept(slot: Slot): boolean {
  if (slot.group.keepers === 0) return false
  return ![...slot.group.slots].some((other) => other !== slot && other.worker.state !== 'starting')
}
