import type { QueuePlace, QueueTools, TakenMessage, Taker } from '../broker/port'
import type { Targets } from './collect-targets'

const BATCH = 50
const WAIT_MS = 2_000
/** The client stops receiving at 2,047 deliveries that stand unsettled on one link. */
const HELD_PER_LINK = 1_000

/**
 * Locks the messages of `targets` and hands them out in batches, to be settled by the caller. A queue gives its
 * messages in order only: what lies between is locked too, and given back at the end. Ends when all were handed out,
 * or when nothing more comes: then the rest is locked elsewhere or gone.
 */
export async function* takeWanted(
  tools: QueueTools,
  place: QueuePlace,
  { wanted, spread }: Targets,
): AsyncGenerator<TakenMessage[]> {
  const takers: Taker[] = []
  const held: TakenMessage[] = []
  let toReceive = spread
  let heldOnLink = HELD_PER_LINK
  const missing = new Set(wanted)
  // Twice round would mean that locks end faster than we get through: no use in going on.
  let received = 0
  try {
    while (missing.size > 0 && received < spread * 2 + BATCH) {
      if (heldOnLink >= HELD_PER_LINK) {
        takers.push(tools.openTaker(place))
        heldOnLink = 0
      }
      const taken = (await takers.at(-1)?.take(Math.max(1, Math.min(BATCH, toReceive)), WAIT_MS)) ?? []
      if (taken.length === 0) return
      received += taken.length
      toReceive -= taken.length
      const fitting = taken.filter(({ sequenceNumber }) => missing.delete(sequenceNumber))
      const others = taken.filter((message) => !fitting.includes(message))
      held.push(...others)
      heldOnLink += others.length
      if (fitting.length > 0) yield fitting
    }
  } finally {
    await Promise.allSettled(held.map((message) => message.abandon()))
    await Promise.all(takers.map((taker) => taker.close()))
  }
}
