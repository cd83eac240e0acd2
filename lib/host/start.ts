export type RunningHost = {
  /** Stops everything in reverse order. Idempotent; a second call while it drains hurries it. */
  stop(reason: string): Promise<void>
}

/** Starts the parts of a server process in order. */
export async function startHost(): Promise<RunningHost> {
  return { stop: async () => {} }
}
