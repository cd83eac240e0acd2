import { EventEmitter } from 'node:events'

/** What changed: a page that shows it asks again. Payloads stay on the server. */
export type LiveTopic =
  | `flow:${string}`
  | `algorithm:${string}`
  | `build:${string}`
  | `account:${string}`
  | `collection:${string}`
  | 'admin'
  /** For engines, not for pages: flows, versions or leases have changed. */
  | 'engines'

type Listener = (topic: LiveTopic) => void

const CHANGE = 'change'
const MISSED = 'missed'
const PUBLISHED = 'published'
/** A page is alive within this after it was made. */
const REMEMBERED_MS = 60_000
const SOON_MS = 20

const soon = new Set<LiveTopic>()

// One bus a process, shared by the bundles that Next makes of this module; lib/live/relay.ts joins those of several.
const shared = globalThis as unknown as {
  headraceLive?: EventEmitter
  /** When each topic changed last, the latest at the end. */
  headraceChanges?: Map<LiveTopic, number>
  headraceMissedAt?: number
}

function emitter(): EventEmitter {
  shared.headraceLive ??= new EventEmitter().setMaxListeners(0)
  return shared.headraceLive
}

/** Tells whoever watches `topic`, in this process and in others, that it changed. Never throws into the caller. */
export function publishLive(...topics: LiveTopic[]): void {
  deliverLive(topics)
  emitter().emit(PUBLISHED, topics)
}

/** The same for what changes with every message: within this time each topic is told once. */
export function publishLiveSoon(topic: LiveTopic): void {
  if (soon.size === 0) setTimeout(publishSoon, SOON_MS)
  soon.add(topic)
}

function publishSoon(): void {
  const topics = [...soon]
  soon.clear()
  publishLive(...topics)
}

/** Calls `listener` for each change of one of `topics`; returns how to stop. */
export function subscribeLive(topics: ReadonlySet<LiveTopic>, listener: Listener): () => void {
  const onChange = (topic: LiveTopic) => {
    if (topics.has(topic)) listener(topic)
  }
  const onMissed = () => {
    for (const topic of topics) listener(topic)
  }
  emitter().on(CHANGE, onChange).on(MISSED, onMissed)
  return () => void emitter().off(CHANGE, onChange).off(MISSED, onMissed)
}

/** Tells this process alone: the change was published elsewhere. */
export function deliverLive(topics: readonly LiveTopic[]): void {
  for (const topic of topics) {
    remember(topic)
    emitter().emit(CHANGE, topic)
  }
}

/** Which of `topics` have changed since then (milliseconds), or may have: nothing is remembered for long. */
export function changedSince(topics: ReadonlySet<LiveTopic>, sinceMs: number): LiveTopic[] {
  const knownSince = Math.max(Date.now() - REMEMBERED_MS, shared.headraceMissedAt ?? 0)
  if (sinceMs <= knownSince) return [...topics]
  return [...topics].filter((topic) => (changes().get(topic) ?? 0) >= sinceMs)
}

function remember(topic: LiveTopic): void {
  const now = Date.now()
  changes().delete(topic)
  changes().set(topic, now)
  for (const [oldest, at] of changes()) {
    if (at >= now - REMEMBERED_MS) return
    changes().delete(oldest)
  }
}

function changes(): Map<LiveTopic, number> {
  shared.headraceChanges ??= new Map()
  return shared.headraceChanges
}

/** Changes of other processes may have been missed: every listener is called for all that it watches. */
export function deliverMissed(): void {
  shared.headraceMissedAt = Date.now()
  emitter().emit(MISSED)
}

/** Calls `onPublished` with what this process publishes; returns how to stop. */
export function followPublished(onPublished: (topics: readonly LiveTopic[]) => void): () => void {
  emitter().on(PUBLISHED, onPublished)
  return () => void emitter().off(PUBLISHED, onPublished)
}
