import type { QueuePlace, QueueTools } from '../broker/port'
import { matchesFilter } from '../match-message'
import type { MessageFilter } from '../schema'

const PAGE = 250

/** What a job is to work through: all that match, or those of these numbers; nothing that came after `upTo`. */
export type Selection = { sequenceNumbers?: string[]; filter?: MessageFilter; upTo?: string }

export type Targets = {
  wanted: Set<bigint>
  /** How many messages lie between the first of the queue and the last wanted one, both included. */
  spread: number
  /** Wanted ones that can not be taken: deferred, or scheduled for later. */
  unreachable: number
  /** The last number that was looked at; null when the queue was empty. */
  last: bigint | null
}

/** Looks through a queue for what a selection asks for, as it is now, without taking anything. */
export async function collectTargets(tools: QueueTools, place: QueuePlace, selection: Selection): Promise<Targets> {
  const numbers = selection.sequenceNumbers && new Set(selection.sequenceNumbers.map(BigInt))
  const upTo = selection.upTo === undefined ? null : BigInt(selection.upTo)
  const targets: Targets = { wanted: new Set(), spread: 0, unreachable: 0, last: null }
  let seen = 0
  for (let from = 0n; ; ) {
    const page = await tools.peek(place, from, PAGE)
    const inRange = upTo === null ? page : page.filter(({ sequenceNumber }) => sequenceNumber <= upTo)
    for (const message of inRange) {
      const { sequenceNumber, state } = message
      targets.last = sequenceNumber
      if (state === 'active') seen += 1
      if (numbers ? !numbers.has(sequenceNumber) : !matchesFilter(message, selection.filter ?? {})) continue
      if (state !== 'active') {
        targets.unreachable += 1
        continue
      }
      targets.wanted.add(sequenceNumber)
      targets.spread = seen
    }
    const end = page.at(-1)
    if (!end || inRange.length < page.length) return targets
    from = end.sequenceNumber + 1n
  }
}
