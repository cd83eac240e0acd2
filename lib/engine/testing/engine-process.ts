import type { Delivery } from '../broker/port'
import { connectServiceBus } from '../broker/service-bus'
import { makeEngine } from './engine-fixture'

/** Where the process is to die, as if by a crash. */
export type CrashStep = 'in the run' | 'after the record' | 'after the settlement'

/** Runs an engine as a process of its own that kills itself at the step that the first argument names. */
const step = process.argv[2] as CrashStep

const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('unreachable')
}

const change = (delivery: Delivery): Delivery => ({
  ...delivery,
  complete: async () => {
    if (step === 'after the record') die()
    await delivery.complete()
    die()
  },
})

const { engine } = makeEngine(
  () => {
    if (step === 'in the run') die()
    return 'ran'
  },
  {
    connectBroker: (...args) => {
      const real = connectServiceBus(...args)
      return {
        ...real,
        receive: (queueName, slots, listener) =>
          real.receive(queueName, slots, {
            ...listener,
            onDelivery: (delivery) => listener.onDelivery(change(delivery)),
          }),
      }
    },
  },
)
await engine.start()
