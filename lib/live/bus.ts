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

const CHANNEL = 'live'

// One bus a process, shared by the bundles that Next makes of this module.
const shared = globalThis as unknown as { headraceLive?: EventEmitter }

function emitter(): EventEmitter {
  shared.headraceLive ??= new EventEmitter().setMaxListeners(0)
  return shared.headraceLive
}

/** Tells whoever watches `topic` that it changed. Never throws into the caller. */
export function publishLive(...topics: LiveTopic[]): void {
  for (const topic of topics) emitter().emit(CHANNEL, topic)
}

/** Calls `listener` for each change of one of `topics`; returns how to stop. */
export function subscribeLive(topics: ReadonlySet<LiveTopic>, listener: Listener): () => void {
  const onEvent = (topic: LiveTopic) => {
    if (topics.has(topic)) listener(topic)
  }
  emitter().on(CHANNEL, onEvent)
  return () => emitter().off(CHANNEL, onEvent)
}
