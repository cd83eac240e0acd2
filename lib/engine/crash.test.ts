import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { peekDeadLetters, peekQueue } from './broker/dead-letter'
import { type ConnectedFlow, makeConnectedFlow, makeEngine } from './testing/engine-fixture'
import type { CrashStep } from './testing/failpoint'
import { holdCommits } from './testing/hold-commits'
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
      await expectOneWinner(flow, expected)
    },
    180_000,
  )

  it.each(['is rolled back', 'goes through without it'] as const)(
    'while its record is written, and the commit %s, leaves one winning result of its message',
    async (ending) => {
      const commits = await holdCommits(database.url)
      const flow = await makeConnectedFlow(database.db, broker, { queue: { lockDurationMs: 5_000 } })
      await flow.send('precious')
      const { child, exit, inputs } = startEngineProcess({})
      await waitUntil('the row is written, and not committed', () => commits.areHeld())
      expect(await flow.executions()).toEqual([])
      child.kill('SIGKILL')
      await exit
      expect(inputs).toEqual(['precious'])
      const isCommitted = ending === 'goes through without it'
      await (isCommitted ? commits.release() : commits.rollBack())
      expect(await flow.executions()).toHaveLength(isCommitted ? 1 : 0)
      await expectOneWinner(flow, { runsAgain: !isCommitted, settlement: 'completed' })
    },
    180_000,
  )
})

/** Lets another engine do what is left to do for the flow's only message. */
async function expectOneWinner(
  flow: ConnectedFlow,
  expected: { runsAgain: boolean; settlement: 'completed' | null },
): Promise<void> {
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
  expect(await flow.flow()).toMatchObject({ deliveredCount: 1, succeededCount: 1 })
  expect(await peekDeadLetters(flow.address)).toEqual([])
  await database.db.eventFlow.deleteMany()
}
