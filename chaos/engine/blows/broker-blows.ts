import { setTimeout as sleep } from 'node:timers/promises'
import { engineScenario } from '../engine-scenario'
import { changeFaults, postFault } from '../fault-switches'

const SHORTEST_FREEZE_MS = 500
/** Longer than the locks last, and than the watchdog waits. */
const LONGEST_FREEZE_MS = 9_000
const LARGEST_BURST = 60

export const brokerRestart = engineScenario({
  name: 'broker-restart',
  sentence: 'The broker is killed (SIGKILL) and started again while messages are sent and run.',
  rounds: 6,
  strike: async (field, { random, rounds, say }) => {
    await field.startEngine()
    for (const moment of random.moments(rounds)) {
      await field.untilShare(moment)
      await field.rig.broker.restart('SIGKILL')
      say(`killed and restarted at ${field.won} won`)
    }
    return { kills: rounds }
  },
})

export const brokerFreeze = engineScenario({
  name: 'broker-freeze',
  sentence: 'The broker neither reads nor writes for a while, with its connections open, again and again.',
  rounds: 5,
  strike: async (field, { random, rounds, say }) => {
    await field.startEngine()
    for (const moment of random.moments(rounds)) {
      const forMs = random.integer(SHORTEST_FREEZE_MS, LONGEST_FREEZE_MS)
      await field.untilShare(moment)
      await postFault(field.rig.broker, 'freeze')
      await sleep(forMs)
      await postFault(field.rig.broker, 'thaw')
      say(`frozen for ${forMs} ms at ${field.won} won`)
    }
    return { freezes: rounds }
  },
})

export const lockExpiry = engineScenario({
  name: 'lock-expiry',
  sentence: 'All locks expire at once while their messages run, again and again.',
  rounds: 40,
  strike: async (field, { random, rounds }) => {
    await field.startEngine()
    let expired = 0
    for (const moment of random.moments(rounds, 0.02)) {
      await field.untilShare(moment)
      const answer = await postFault(field.rig.broker, 'expire-locks')
      expired += Number(answer.expired)
    }
    return { expiries: rounds, locksExpired: expired }
  },
})

export const duplicateDelivery = engineScenario({
  name: 'duplicate-delivery',
  sentence: 'Deliveries come twice, and settlements or their answers get lost, in bursts.',
  rounds: 12,
  strike: async (field, { random, rounds, say }) => {
    await field.startEngine()
    const struck: Record<string, number> = {}
    for (const moment of random.moments(rounds, 0.05)) {
      const fault = random.pick(['duplicateDeliveries', 'loseDispositions', 'loseDispositionAnswers'])
      const count = random.integer(1, LARGEST_BURST)
      await field.untilShare(moment)
      await changeFaults(field.rig.broker, { [fault]: count })
      struck[fault] = (struck[fault] ?? 0) + count
      say(`${fault}: ${count}, at ${field.won} won`)
    }
    return struck
  },
})
