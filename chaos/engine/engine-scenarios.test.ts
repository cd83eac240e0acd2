import { describe, expect, it } from 'vitest'
import { runSmall } from '../frame/run-small'
import { SCENARIOS } from '../scenarios'

const MESSAGES = 120
/** Blows a scenario; an engine is killed once at each step of a delivery. */
const ROUNDS: Record<string, number> = { 'lock-expiry': 5, 'duplicate-delivery': 4 }

describe('every message is accounted for', () => {
  it.each(SCENARIOS.filter(({ name }) => name !== 'broker'))(
    '$name: $sentence',
    async (scenario) => {
      const { name } = scenario
      const account = await runSmall(scenario, { messages: MESSAGES, rounds: ROUNDS[name] ?? 1 })
      expect(account.done + account.deadLettered).toBe(MESSAGES)
    },
    300_000,
  )
})
