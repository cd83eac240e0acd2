import { AHEAD_BUDGET_MS, MAX_AHEAD } from '../limits'
import type { Demand } from './start-forecast'
import type { Group, Slot } from './worker-slot'

/** A worker for a call: a free one, or one that runs it after those that it has. */
export type Place = { slot: Slot; isAhead: boolean }

/** Gives a group's waiting calls to its idle workers. */
export function handOut(group: Group): void {
  for (const slot of group.slots) {
    if (group.queue.length === 0) return
    if (!slot.isIdle) continue
    // Taken within this turn: `run` marks the worker busy in the next one.
    slot.isReady = false
    slot.isPromised = true
    group.queue.giveFirst({ slot, isAhead: false })
  }
}

/**
 * Gives calls that would wait to busy workers, which find them when they have answered: neither they nor the server
 * have to be woken up for them. Returns how many. To be asked when it is settled whether a further worker is started.
 */
export function sendAhead(group: Group): number {
  const { queue, forecast } = group
  let sent = 0
  if (!queue.mayGoAhead || forecast.typicalCallMs === undefined) return sent
  const room = Math.min(MAX_AHEAD, Math.floor(AHEAD_BUDGET_MS / forecast.typicalCallMs))
  for (let slot = shortestLine(group, room); slot && queue.mayGoAhead; slot = shortestLine(group, room)) {
    // Counted within this turn: `runAhead` lines it up in the next one.
    slot.promisedAhead++
    queue.giveFirst({ slot, isAhead: true })
    sent++
  }
  return sent
}

/** What a group needs; calls that were sent ahead count as waiting, since more workers would serve them sooner. */
export function demandOf(group: Group): Demand {
  const { queue, slots } = group
  let ready = 0
  let starting = 0
  for (const { worker } of slots) {
    if (worker.state === 'starting') starting++
    else if (worker.state === 'idle' || worker.state === 'busy') ready++
  }
  const queued = queue.length + aheadOf(group)
  return { queued, waitedMs: queue.waitedMs, backlogMs: queue.backlogMs, ready, starting }
}

/** Calls that were sent ahead and have not begun. */
export function aheadOf({ slots }: Group): number {
  let ahead = 0
  for (const slot of slots) ahead += slot.ahead
  return ahead
}

/** Of the workers that take a call ahead and have less than `room` of them, the one that has the fewest. */
function shortestLine({ slots }: Group, room: number): Slot | undefined {
  let chosen: Slot | undefined
  let fewest = room
  for (const slot of slots) {
    const { ahead } = slot
    if (ahead >= fewest || !slot.takesAhead) continue
    fewest = ahead
    chosen = slot
  }
  return chosen
}
