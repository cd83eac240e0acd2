import type { Account } from './account'
import type { Random } from './random'

export type ScenarioOptions = {
  /** What the seed decides: when and where the blows fall. */
  random: Random
  /** Messages or calls to account for; the scenario's own full size without it. */
  messages?: number | undefined
  /** How often the blow falls; the scenario's own number without it. */
  rounds?: number | undefined
  /** Tells what goes on. */
  say(text: string): void
}

/** A blow to the product under load, with what must hold after it. */
export type Scenario = {
  /** Kebab-case; also the name of the report. */
  name: string
  /** What is done to which part, in one sentence. */
  sentence: string
  /** When it is given up, where 20 minutes are too short for its full size on a busy machine. */
  limitMs?: number
  /** Runs at full size unless the options say less; ends what it started. Throws when it could not come to an account. */
  run(options: ScenarioOptions): Promise<Account>
}
