import type { LiveTopic } from '@/lib/live/bus'
import { RefreshOnChange } from './refresh-on-change'

/** A page reads what it shows while it is made: no longer before than this. */
const LONGEST_READ_MS = 5_000

/** Keeps the page up to date: it is made anew when one of `topics` changes, also while it was on its way. */
export function LiveRefresh({ topics }: { topics: LiveTopic[] }) {
  return <RefreshOnChange topics={topics} since={Date.now() - LONGEST_READ_MS} />
}
