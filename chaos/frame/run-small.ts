import { randomInt } from 'node:crypto'
import type { Account } from './account'
import { formatTable, isGood } from './report'
import { runScenario } from './run-scenario'
import type { Scenario } from './scenario'

/** Runs a scenario at a small size, for `npm test`. Throws with its report and its seed when something is amiss. */
export async function runSmall(scenario: Scenario, size: { messages?: number; rounds?: number }): Promise<Account> {
  const seed = randomInt(2 ** 31)
  const said: string[] = []
  const { ending } = await runScenario(scenario, { ...size, seed, say: (text) => said.push(text) })
  if (isGood(ending) && 'account' in ending) return ending.account
  throw new Error(`Seed ${seed}.\n${said.join('\n')}\n${formatTable([ending])}`)
}
