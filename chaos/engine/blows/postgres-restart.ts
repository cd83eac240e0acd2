import { setTimeout as sleep } from 'node:timers/promises'
import { engineScenario } from '../engine-scenario'

const LONGEST_OUTAGE_MS = 6_000

export const postgresRestart = engineScenario({
  name: 'postgres-restart',
  sentence: 'Postgres is killed (SIGKILL) and started again a while later, while messages run.',
  rounds: 4,
  strike: async (field, { random, rounds, say }) => {
    await field.startEngine()
    for (const moment of random.moments(rounds)) {
      const forMs = random.integer(0, LONGEST_OUTAGE_MS)
      await field.untilShare(moment)
      await field.rig.killPostgres()
      await sleep(forMs)
      await field.rig.startPostgres()
      say(`killed at ${field.won} won, away for ${forMs} ms`)
    }
    return { kills: rounds }
  },
})
