import { setTimeout as sleep } from 'node:timers/promises'
import type { Delivery } from '../broker/port'
import { connectServiceBus } from '../broker/service-bus'
import type { EngineOptions } from '../engine'
import { makeEngine } from './engine-fixture'

/** Where the process is to die, as if by a crash. */
export type CrashStep = 'on receipt' | 'in the run' | 'before the record' | 'after the record' | 'after the settlement'

export type EngineProcessOptions = {
  /** Dies by its own hand when the delivery of this number comes to this step; without it, lives. */
  die?: { step: CrashStep; atDelivery: number }
  /** How long each run takes. */
  runMs?: number
  engine?: Pick<EngineOptions, 'reconcileMs' | 'leaseMs' | 'drainMs' | 'slots'>
}

/** Runs an engine as a process of its own, with options from the first argument; SIGTERM stops it in order. */
const options = JSON.parse(process.argv[2] ?? '{}') as EngineProcessOptions

/** How many deliveries have come to each step. */
const arrivals = new Map<CrashStep, number>()

function arriveAt(step: CrashStep): void {
  const count = (arrivals.get(step) ?? 0) + 1
  arrivals.set(step, count)
  if (options.die?.step !== step || options.die.atDelivery !== count) return
  process.kill(process.pid, 'SIGKILL')
  throw new Error('unreachable')
}

const watched = (delivery: Delivery): Delivery => ({
  ...delivery,
  complete: async () => {
    arriveAt('after the record')
    await delivery.complete()
    arriveAt('after the settlement')
  },
})

const { engine } = makeEngine(
  async (input) => {
    arriveAt('in the run')
    process.send?.({ running: input })
    if (options.runMs) await sleep(options.runMs)
    // Every hundredth message is not to be digested.
    if (input.endsWith('poison')) throw new Error('it raised')
    return 'ran'
  },
  {
    ...options.engine,
    runtimeWrapper: (runtime) => ({
      invoke: async (...args) => {
        const invocation = await runtime.invoke(...args)
        arriveAt('before the record')
        return invocation
      },
    }),
    connectBroker: (...args) => {
      const real = connectServiceBus(...args)
      return {
        ...real,
        receive: (queueName, slots, listener) =>
          real.receive(queueName, slots, {
            ...listener,
            onDelivery: (delivery) => {
              arriveAt('on receipt')
              return listener.onDelivery(watched(delivery))
            },
          }),
      }
    },
  },
)
let isStopping = false
process.on('SIGTERM', () => {
  if (isStopping) engine.hurry()
  isStopping = true
  void engine.stop().then(() => process.exit(0))
})
// Whoever started it has died.
process.on('disconnect', () => process.exit(1))
await engine.start()
process.send?.('started')
