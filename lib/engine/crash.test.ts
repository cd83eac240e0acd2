import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { peekDeadLetters, peekQueue } from './broker/dead-letter'
import { makeConnectedFlow, makeEngine } from './testing/engine-fixture'
import type { CrashStep } from './testing/failpoint'
import { startEngineProcess } from './testing/start-engine-process'
import { waitUntil } from './testing/wait-until'

let database: TestDatabase
let broker: TestBroker

beforeAll(async () => {
  database = await testDatabase()
  broker = await testBroker()
})
afterAll(async () => {
  await broker.close()
  await database.close()
})

describe('an engine that dies', () => {
  it.each<[CrashStep, { runsAgain: boolean; settlement: 'completed' | null }]>([
    ['in the run', { runsAgain: true, settlement: 'completed' }],
    ['after the record', { runsAgain: false, settlement: 'completed' }],
    // The message is gone from the queue, but nobody lived to write that down.
    ['after the settlement', { runsAgain: false, settlement: null }],
  ])(
    '%s leaves one winning result of its message',
    async (step, expected) => {
      const flow = await makeConnectedFlow(database.db, broker, { queue: { lockDurationMs: 5_000 } })
      await flow.send('precious')
      const { exit } = startEngineProcess({ runMs: 50, die: { step, atDelivery: 1 } })
      expect((await exit).signal).toBe('SIGKILL')

      const { engine, inputs } = makeEngine(() => 'ran')
      await engine.start()
      await waitUntil('nothing is left of the message', async () => {
        const isDone = (await flow.executions()).some(({ settlement }) => settlement === expected.settlement)
        return isDone && (await peekQueue(flow.address)).length === 0
      })
      await engine.stop(0)
      expect(inputs).toEqual(expected.runsAgain ? ['precious'] : [])
      expect(await flow.executions()).toMatchObject([
        { status: 'succeeded', winningSequenceNumber: 1n, settlement: expected.settlement },
      ])
      expect(await peekDeadLetters(flow.address)).toEqual([])
      await database.db.eventFlow.deleteMany()
    },
    90_000,
  )
})
