import { BrokerError } from '@/lib/engine/broker/fault'
import type { QueuePlace, QueueTools, TakenMessage, Taker } from '../broker/port'
import type { Targets, Wanted } from './collect-targets'

const BATCH = 50
const WAIT_MS = 2_000
/** The client stops receiving at 2,047 deliveries that stand unsettled on one link. */
const HELD_PER_LINK = 1_000

/**
 * Locks the messages of `targets` and hands them out in batches, to be settled by the caller. A queue gives its
 * messages in order only: what lies between is locked too, and given back at the end. Ends when all were handed out,
 * or when nothing more comes: then the rest is locked elsewhere or gone. Of a queue that requires sessions, which says
 * so at the first try, it goes session by session.
 */
export async function* takeWanted(
  tools: QueueTools,
  place: QueuePlace,
  { all, sessions }: Targets,
): AsyncGenerator<TakenMessage[]> {
  try {
    yield* takeFrom({ open: async () => tools.openTaker(place) }, all)
  } catch (error) {
    if (!(error instanceof BrokerError) || error.fault.kind !== 'session_queue') throw error
    for (const [sessionId, wanted] of sessions) {
      yield* takeFrom({ open: () => tools.openSessionTaker(sessionId), isOnlyOne: true }, wanted)
    }
  }
}

/** Where messages are taken from. `isOnlyOne`: while its taker is open there can not be another. */
type Source = { open: () => Promise<Taker | null>; isOnlyOne?: boolean }

async function* takeFrom(source: Source, { numbers, spread }: Wanted): AsyncGenerator<TakenMessage[]> {
  const takers: Taker[] = []
  const held: TakenMessage[] = []
  let toReceive = spread
  let heldOnLink = HELD_PER_LINK
  const missing = new Set(numbers)
  // Twice round would mean that locks end faster than we get through: no use in going on.
  let received = 0
  try {
    while (missing.size > 0 && received < spread * 2 + BATCH) {
      if (heldOnLink >= HELD_PER_LINK) {
        const taker = takers.length > 0 && source.isOnlyOne ? null : await source.open()
        if (!taker) return
        takers.push(taker)
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
