import type { QueuePlace, QueueTools } from '../broker/port'
import { matchesFilter } from '../match-message'
import type { MessageFilter } from '../schema'

const PAGE = 250

/** What a job is to work through: all that match, or those of these numbers; nothing that came after `upTo`. */
export type Selection = { sequenceNumbers?: string[]; filter?: MessageFilter; upTo?: string }

/** Messages to take, out of the order in which a queue, or one session of it, gives them. */
export type Wanted = {
  numbers: Set<bigint>
  /** How many messages lie between the first and the last wanted one, both included. */
  spread: number
}

export type Targets = {
  all: Wanted
  /** The same, session by session, of messages that name one. */
  sessions: Map<string, Wanted>
  /** Wanted ones that can not be taken: deferred, or scheduled for later. */
  unreachable: number
  /** The last number that was looked at; null when the queue was empty. */
  last: bigint | null
}

/** Looks through a queue for what a selection asks for, as it is now, without taking anything. */
export async function collectTargets(tools: QueueTools, place: QueuePlace, selection: Selection): Promise<Targets> {
  const numbers = selection.sequenceNumbers && new Set(selection.sequenceNumbers.map(BigInt))
  const upTo = selection.upTo === undefined ? null : BigInt(selection.upTo)
  const targets: Targets = { all: nothing(), sessions: new Map(), unreachable: 0, last: null }
  const seen = new Counter()
  for (let from = 0n; ; ) {
    const page = await tools.peek(place, from, PAGE)
    const inRange = upTo === null ? page : page.filter(({ sequenceNumber }) => sequenceNumber <= upTo)
    for (const message of inRange) {
      const { sequenceNumber, state, sessionId } = message
      targets.last = sequenceNumber
      if (state === 'active') seen.count(sessionId)
      if (numbers ? !numbers.has(sequenceNumber) : !matchesFilter(message, selection.filter ?? {})) continue
      if (state !== 'active') {
        targets.unreachable += 1
        continue
      }
      add(targets.all, sequenceNumber, seen.total)
      if (sessionId === null) continue
      const session = targets.sessions.get(sessionId) ?? nothing()
      add(session, sequenceNumber, seen.of(sessionId))
      targets.sessions.set(sessionId, session)
    }
    const end = page.at(-1)
    if (!end || inRange.length < page.length) return targets
    from = end.sequenceNumber + 1n
  }
}

function nothing(): Wanted {
  return { numbers: new Set(), spread: 0 }
}

function add(wanted: Wanted, sequenceNumber: bigint, position: number): void {
  wanted.numbers.add(sequenceNumber)
  wanted.spread = position
}

/** How many messages were met so far, in all and of each session. */
class Counter {
  total = 0
  readonly #sessions = new Map<string, number>()

  count(sessionId: string | null): void {
    this.total += 1
    if (sessionId !== null) this.#sessions.set(sessionId, this.of(sessionId) + 1)
  }

  of(sessionId: string): number {
    return this.#sessions.get(sessionId) ?? 0
  }
}
