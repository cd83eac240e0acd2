import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { fileSystemStorage } from '@/lib/storage/file-system'
import type { Storage } from '@/lib/storage/port'
import type { Delivery } from '../broker/port'
import type { EngineOptions } from '../engine-options'
import { watchRecords } from './watch-records'

/** Where an engine is to die, as if by a crash. */
export type CrashStep = (typeof CRASH_STEPS)[number]

/**
 * In the order in which a delivery comes to them; `after the result` only with an output
 * collection, and a result that is larger than a row takes. `in the record`:
 * its row is written and not committed, as far as the engine has said; `at the commit`: Postgres has committed it, and
 * the engine does not know.
 */
export const CRASH_STEPS = [
  'on receipt',
  'in the run',
  'after the result',
  'before the record',
  'in the record',
  'at the commit',
  'after the record',
  'after the settlement',
] as const

/**
 * HEADRACE_FAILPOINT of an engine process of these tests: `<step>@<how-manieth delivery to come there>`. Records go in
 * batches: the first one after so many runs.
 */
export type Failpoint = { step: CrashStep; atDelivery: number }

export const formatFailpoint = ({ step, atDelivery }: Failpoint): string => `${step}@${atDelivery}`

export function parseFailpoint(text: string | undefined): Failpoint | undefined {
  const [step, count] = (text ?? '').split('@')
  const known = CRASH_STEPS.find((name) => name === step)
  return known && { step: known, atDelivery: Number(count) }
}

/** So long after its start a run is under way. */
const INTO_THE_RUN_MS = 3

/** Stands between an engine and its parts, and ends the process by SIGKILL when the failpoint is come to. */
export function armFailpoint(failpoint: Failpoint | undefined) {
  const arrivals = new Map<CrashStep, number>()
  const arriveAt = (step: CrashStep): void => {
    const count = (arrivals.get(step) ?? 0) + 1
    arrivals.set(step, count)
    if (failpoint?.step === step && failpoint.atDelivery === count) die()
  }
  const arriveWithRecord = (step: CrashStep): void => {
    const runs = arrivals.get('before the record') ?? 0
    if (failpoint?.step === step && runs >= failpoint.atDelivery) die()
  }
  watchRecords(pg.Client.prototype, {
    onWritten: () => arriveWithRecord('in the record'),
    onCommitted: () => arriveWithRecord('at the commit'),
  })
  return {
    runtime: (runtime: EngineOptions['runtime']): EngineOptions['runtime'] => ({
      keepWarm: (version) => runtime.keepWarm(version),
      invoke: async (...args) => {
        const invoked = runtime.invoke(...args)
        if (failpoint?.step === 'in the run') await Promise.race([invoked, sleep(INTO_THE_RUN_MS)])
        arriveAt('in the run')
        const invocation = await invoked
        arriveAt('before the record')
        return invocation
      },
    }),
    connectBroker:
      (connect: EngineOptions['connectBroker']): EngineOptions['connectBroker'] =>
      (...args) => {
        const real = connect(...args)
        return {
          ...real,
          receive: (queueName, slots, listener) =>
            real.receive(queueName, slots, {
              ...listener,
              onDelivery: (delivery) => {
                arriveAt('on receipt')
                return listener.onDelivery(settledWithin(delivery, arriveAt))
              },
            }),
        }
      },
    storage: (root: string): Storage => {
      const real = fileSystemStorage(root)
      return {
        ...real,
        put: async (...args) => {
          const stored = await real.put(...args)
          arriveAt('after the result')
          return stored
        },
      }
    },
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('unreachable')
}

function settledWithin(delivery: Delivery, arriveAt: (step: CrashStep) => void): Delivery {
  return {
    ...delivery,
    complete: async () => {
      arriveAt('after the record')
      await delivery.complete()
      arriveAt('after the settlement')
    },
  }
}
