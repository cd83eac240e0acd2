import { afterEach, describe, expect, it } from 'vitest'
import { peekQueue } from './broker/dead-letter'
import { type EngineProcess, startEngineProcess } from './testing/start-engine-process'
import { settledExecutions, testEngines } from './testing/test-engines'

const MINUTE_MS = 60_000
const LOCK_MS = 5_000

const { connect } = testEngines()
let engine: EngineProcess | undefined

afterEach(async () => {
  engine?.child.kill('SIGKILL')
  await engine?.exit
})

describe('an engine whose clock is wrong', () => {
  it.each([
    ['three minutes behind', 'message', -3 * MINUTE_MS],
    ['three minutes ahead', 'message', 3 * MINUTE_MS],
    ['three minutes behind', 'session', -3 * MINUTE_MS],
  ])('%s keeps the lock of a %s for longer than it lasts', async (_, what, clockOffMs) => {
    const isOrdered = what === 'session'
    const flow = await connect({
      queue: { lockDurationMs: LOCK_MS, maxDeliveryCount: 1, requiresSession: isOrdered },
      flow: { messageOrder: isOrdered ? 'session' : 'unordered' },
    })
    engine = startEngineProcess({ runMs: LOCK_MS * 1.5, clockOffMs })
    await engine.started
    await flow.send('long', isOrdered ? { sessionId: 'a' } : {})
    const executions = await settledExecutions(flow, 1)
    expect(executions).toMatchObject([{ status: 'succeeded', deliveryCount: 1, settlement: 'completed' }])
    expect(engine.inputs).toEqual(['long'])
    expect(await peekQueue(flow.address)).toEqual([])
  })
})
