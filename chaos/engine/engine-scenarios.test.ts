import { describe, expect, it } from 'vitest'
import { runSmall } from '../frame/run-small'
import { SCENARIOS } from '../scenarios'

const MESSAGES = 120
/** lib/engine has the others at a small size, on scripts in place of workers. */
const HERE = ['broker-freeze', 'postgres-restart', 'disk-full']

describe('every message is accounted for, with real workers', () => {
  it.each(HERE)(
    '%s',
    async (name) => {
      const scenario = SCENARIOS.find((one) => one.name === name)
      if (!scenario) throw new Error(`there is no scenario ${name}`)
      const account = await runSmall(scenario, { messages: MESSAGES, rounds: 1 })
      expect(account.done + account.deadLettered).toBe(MESSAGES)
    },
    300_000,
  )
})
