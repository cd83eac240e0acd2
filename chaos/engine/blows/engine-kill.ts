import { MAX_INLINE_BYTES } from '@/lib/data/contents'
import { CRASH_STEPS } from '@/lib/engine/testing/failpoint'
import { engineScenario } from '../engine-scenario'

export const engineKill = engineScenario({
  name: 'engine-kill',
  sentence: 'Engines are killed (SIGKILL) at each step of a delivery, one after the other; results go to a collection.',
  rig: { hasOutput: true, resultBytes: [0, MAX_INLINE_BYTES + 1] },
  rounds: 2,
  strike: async (field, { random, rounds, say }) => {
    const steps = Array.from({ length: rounds }, () => CRASH_STEPS).flat()
    const most = Math.max(2, Math.floor(field.messages / (steps.length + 1)))
    for (const step of steps) {
      const atDelivery = random.integer(1, most)
      const engine = await field.startEngine({ die: { step, atDelivery } })
      // Should it never come to that delivery, the others still get their turn.
      await Promise.race([engine.exit, field.untilDone()])
      await field.kill(engine)
      say(`died ${step}, at delivery ${atDelivery}; ${await field.wonCount()} won`)
    }
    await field.startEngine()
    return { kills: steps.length }
  },
})
