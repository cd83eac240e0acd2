import { engineScenario } from '../engine-scenario'

const FLOWS = 4

export const twoEngines = engineScenario({
  name: 'two-engines',
  sentence: `Two engines share ${FLOWS} flows; one of them is killed (SIGKILL) and another one started, again and again.`,
  rig: { flows: FLOWS },
  rounds: 4,
  strike: async (field, { random, rounds, say }) => {
    await Promise.all([field.startEngine(), field.startEngine()])
    for (const moment of random.moments(rounds)) {
      const victim = random.integer(0, 1)
      await field.untilShare(moment)
      const engine = field.engines[victim]
      if (engine) await field.kill(engine)
      say(`one of two killed at ${field.won} won`)
      await field.startEngine()
    }
    return { kills: rounds }
  },
})

export const sigterm = engineScenario({
  name: 'sigterm',
  sentence: 'The engine is told to stop (SIGTERM, sometimes twice) under load, and another one is started.',
  rounds: 5,
  strike: async (field, { random, rounds, say }) => {
    await field.startEngine()
    for (const moment of random.moments(rounds)) {
      const signals = random.pick<1 | 2>([1, 2])
      await field.untilShare(moment)
      const [engine] = field.engines
      const startedAt = Date.now()
      if (engine) await field.stop(engine, signals)
      say(`told ${signals === 1 ? 'once' : 'twice'} at ${field.won} won; it took ${Date.now() - startedAt} ms to stop`)
      await field.startEngine()
    }
    return { stops: rounds }
  },
})
