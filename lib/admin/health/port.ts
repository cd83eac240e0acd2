import { setTimeout as delay } from 'node:timers/promises'

/** How one part does now. `details` and `fix` are sentences for the administrator. */
export type HealthCheck = {
  part: 'Engine' | 'Broker' | 'Database' | 'Storage' | 'Sandbox'
  status: 'ok' | 'warning' | 'down'
  /** A few words: `Reachable in 3 ms`. */
  summary: string
  details: string[]
  fix?: string
}

/** A part that needs longer is down for whoever waits for it. */
export const ANSWER_LIMIT_MS = 5_000

/** Runs `probe` and says how long it took; rejects when it fails or takes longer than five seconds. */
export async function timed(probe: () => Promise<unknown>): Promise<number> {
  const limit = new AbortController()
  const startedAt = performance.now()
  try {
    await Promise.race([
      probe(),
      delay(ANSWER_LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
        throw new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} seconds`)
      }),
    ])
    return performance.now() - startedAt
  } finally {
    limit.abort()
  }
}

/** `0.8 ms`, `12 ms` */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
}

/** The text of whatever was thrown, for administrators. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
