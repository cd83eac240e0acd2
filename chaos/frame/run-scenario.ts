import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from './random'
import type { Ending } from './report'
import type { Scenario } from './scenario'

/** As a rule a scenario ends by itself much sooner: each of its waits has a limit. This is for the one that has not. */
const LIMIT_MS = 20 * 60_000

type Size = { seed: number; messages?: number | undefined; rounds?: number | undefined; say(text: string): void }

/** Runs a scenario to its account. Never rejects; `isOverdue` when it did not end and something of it may still run. */
export async function runScenario(
  { name, run, limitMs = LIMIT_MS }: Scenario,
  { seed, ...size }: Size,
): Promise<{ ending: Ending; isOverdue: boolean }> {
  const startedAt = performance.now()
  const seconds = () => (performance.now() - startedAt) / 1000
  const limit = new AbortController()
  const overdue = sleep(limitMs, 'overdue' as const, { signal: limit.signal })
  overdue.catch(() => {})
  try {
    const account = await Promise.race([run({ ...size, random: seededRandom(seed, name) }), overdue])
    if (account !== 'overdue') return { ending: { name, seconds: seconds(), account }, isOverdue: false }
    const failure = `It did not end within ${limitMs / 60_000} minutes.`
    return { ending: { name, seconds: seconds(), failure }, isOverdue: true }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { ending: { name, seconds: seconds(), failure }, isOverdue: false }
  } finally {
    limit.abort()
  }
}
