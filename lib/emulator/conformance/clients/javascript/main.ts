import { administrationChecks } from './administration'
import { Absent } from './connecting'
import { errorChecks } from './errors'
import { receivingChecks } from './receiving'
import { sessionChecks } from './sessions'

/** What a program of a client tries; it throws when the client can not. */
export type Check = (queue: string) => Promise<void>

/** Most checks wait more than they work. */
const AT_ONCE = 8

const CHECKS: Record<string, Check> = { ...receivingChecks, ...sessionChecks, ...errorChecks, ...administrationChecks }

/** Runs every check with `@azure/service-bus`, one line of JSON for each. The environment is as for python/main.py. */
async function main(): Promise<void> {
  const names = (process.env.CHECKS ?? '').split(',')
  const lane = async () => {
    for (let name = names.shift(); name; name = names.shift()) await report(name)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

async function report(check: string): Promise<void> {
  const startedMs = performance.now()
  const result = await attempt(check)
  process.stdout.write(`${JSON.stringify({ check, ...result, ms: Math.round(performance.now() - startedMs) })}\n`)
}

async function attempt(name: string) {
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined
  if (!check) return { absent: true }
  try {
    await check(name)
    return { ok: true }
  } catch (error) {
    if (error instanceof Absent) return { absent: true }
    return { ok: false, error: String(error), trace: (error as Error).stack?.slice(0, 2000) }
  }
}

void main()
