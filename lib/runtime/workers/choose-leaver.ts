import type { Group, Slot } from './worker-slot'

/** The idle worker of another group that has had no call for the longest time. */
export function leastRecentlyUsed(slots: Iterable<Slot>, except?: Group): Slot | undefined {
  let chosen: Slot | undefined
  for (const slot of slots) {
    if (!slot.isIdle || slot.group === except) continue
    if (!chosen || slot.idleSince < chosen.idleSince) chosen = slot
  }
  return chosen
}

/**
 * A busy worker that is to go after its call, for a group that has none and finds no idle one: of the group that has the
 * most. None while some other is leaving already.
 */
export function busyLeaver(slots: ReadonlySet<Slot>, forGroup: Group): Slot | undefined {
  if (forGroup.slots.size > 0) return undefined
  let chosen: Slot | undefined
  for (const slot of slots) {
    if (slot.retiredFor) return undefined
    if (slot.group === forGroup || slot.worker.state !== 'busy') continue
    if (!chosen || slot.group.slots.size > chosen.group.slots.size) chosen = slot
  }
  return chosen
}

/** Idle workers that a version has above its warm limit, over all callers, once they have been idle for `idleMs`. */
export function surplusWorkers(slots: Iterable<Slot>, warmLimit: number, idleMs: number): Slot[] {
  const byVersion = new Map<string, Slot[]>()
  for (const slot of slots) {
    if (!slot.isIdle) continue
    const { algorithmId, commitSha } = slot.group.version
    const key = `${algorithmId} ${commitSha}`
    byVersion.set(key, [...(byVersion.get(key) ?? []), slot])
  }
  const now = Date.now()
  return [...byVersion.values()].flatMap((idle) => {
    const oldestFirst = idle.sort((a, b) => a.idleSince - b.idleSince)
    return oldestFirst.slice(0, Math.max(0, idle.length - warmLimit)).filter((slot) => now - slot.idleSince > idleMs)
  })
}
