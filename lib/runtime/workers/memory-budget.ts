import os from 'node:os'
import { UNMEASURED_WORKER_BYTES, WORKER_MEMORY_SHARE } from '../limits'
import type { Group, Slot } from './worker-slot'

/** What all workers together may use, held against what each was measured to use. */
export class MemoryBudget {
  limitBytes: number

  /** @param limitBytes null for the usual share of what this server may have */
  constructor(limitBytes: number | null) {
    this.limitBytes = limitBytes ?? defaultBudgetBytes()
  }

  /** Workers that are told to end count no more: their memory is as good as free. */
  usedBy(slots: Iterable<Slot>): number {
    let sum = 0
    for (const slot of slots) {
      if (!slot.retiredFor || slot.worker.state === 'busy') sum += slot.memoryBytes ?? expectedBytes(slot.group)
    }
    return sum
  }

  /** One worker always fits: a budget below a single worker's need would stop everything. */
  hasRoomFor(group: Group, slots: ReadonlySet<Slot>): boolean {
    const used = this.usedBy(slots)
    return used === 0 || used + expectedBytes(group) <= this.limitBytes
  }

  isExceededBy(slots: Iterable<Slot>): boolean {
    return this.usedBy(slots) > this.limitBytes
  }
}

function expectedBytes(group: Group): number {
  return group.memoryBytes ?? Math.min(UNMEASURED_WORKER_BYTES, group.version.limits.memoryBytes)
}

/** A share of the machine's memory, or of what a container leaves of it. */
export function defaultBudgetBytes(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  const available = constrained > 0 ? Math.min(constrained, os.totalmem()) : os.totalmem()
  return Math.floor(available * WORKER_MEMORY_SHARE)
}
