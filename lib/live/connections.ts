// Next bundles this module more than once; all share one set.
const shared = globalThis as unknown as { headraceLiveConnections?: Set<() => void> }

function connections(): Set<() => void> {
  shared.headraceLiveConnections ??= new Set()
  return shared.headraceLiveConnections
}

/** Remembers how to end an open stream of live changes; returns how to forget it. */
export function trackLiveConnection(close: () => void): () => void {
  connections().add(close)
  return () => connections().delete(close)
}

/** Ends every open stream: the server stops, and would wait for them for ever. */
export function closeLiveConnections(): void {
  for (const close of [...connections()]) close()
}
