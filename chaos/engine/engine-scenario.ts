import type { Account } from '../frame/account'
import type { Scenario, ScenarioOptions } from '../frame/scenario'
import { Field } from './field'
import { reckon } from './reckoning'
import { type RigOptions, startRig } from './rig'
import { sendMessages } from './sender'

const FULL_SIZE = 10_000

export type EngineScenario = Pick<Scenario, 'name' | 'sentence'> & {
  rig?: RigOptions
  /** How often the blow falls at full size. */
  rounds: number
  /** Strikes while messages come and run. Leaves an engine running; hands back what it did, for the report. */
  strike(field: Field, options: ScenarioOptions & { rounds: number }): Promise<Account['facts'] | undefined>
  /** Looks further before the engines stop; its complaints go to the field. */
  inspect?(field: Field): Promise<void>
}

/**
 * A scenario on the real parts: messages are sent all the while, engines with sandboxed workers run them, the blows
 * fall; then what is left runs to its end, and every message is accounted for.
 */
export function engineScenario({ name, sentence, rig, rounds, strike, inspect }: EngineScenario): Scenario {
  const run = async (options: ScenarioOptions): Promise<Account> => {
    const messages = options.messages ?? FULL_SIZE
    const field = new Field(await startRig(rig ?? {}), messages)
    const sending = sendMessages(field.rig.flows, messages, () => field.won)
    try {
      const facts = await strike(field, { ...options, rounds: options.rounds ?? rounds }).catch((error: Error) => {
        field.complaints.push(`The blows did not get to their end: ${error.message}`)
        return undefined
      })
      await Promise.race([sending.finished, field.untilDone()])
      const isDone = await field.untilDone()
      options.say(`${field.won} won; ${isDone ? 'nothing is left' : 'nothing goes on any more'}`)
      await inspect?.(field)
      await field.stopAll()
      await field.complainAboutOrphans()
      return await reckon(field, sending.acknowledged, facts ?? {})
    } finally {
      sending.stop()
      await field.close()
      await sending.finished.catch(() => {})
      await field.rig.close()
    }
  }
  return { name, sentence, run }
}
