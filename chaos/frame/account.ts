/** Where every message of a scenario came to be in the end. */
export type Account = {
  sent: number
  /** Won results, completed messages, answered calls: what the scenario counts as done. */
  done: number
  deadLettered: number
  queued: number
  /** Ids of messages that are nowhere. */
  lost: string[]
  /** Ids of messages that are in more than one place, or in one place twice. */
  doubled: string[]
  /** What else must not be: one sentence each. */
  complaints: string[]
  /** What happened on the way, for the report: kills, redeliveries, seconds. */
  facts: Record<string, number | string>
}

export type Places = {
  /** Messages whose sending was acknowledged. */
  sent: Iterable<string>
  /** With an id once for each time it is in the place. */
  done: string[]
  deadLettered?: string[]
  queued?: string[]
}

/** Finds every message that was sent in exactly one place, or says which are lost and which are doubled. */
export function accountFor(places: Places, facts: Account['facts'] = {}, complaints: string[] = []): Account {
  const { done, deadLettered = [], queued = [] } = places
  const sent = new Set(places.sent)
  const counts = new Map<string, number>()
  for (const id of [...done, ...deadLettered, ...queued]) counts.set(id, (counts.get(id) ?? 0) + 1)
  const strangers = [...counts.keys()].filter((id) => !sent.has(id))
  return {
    sent: sent.size,
    done: done.length,
    deadLettered: deadLettered.length,
    queued: queued.length,
    lost: [...sent].filter((id) => !counts.has(id)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
    complaints: [
      ...complaints,
      ...(strangers.length > 0 ? [`Messages that nobody sent turned up: ${strangers.slice(0, 5).join(', ')}.`] : []),
    ],
    facts,
  }
}

export function isSound({ lost, doubled, complaints }: Account): boolean {
  return lost.length + doubled.length + complaints.length === 0
}
