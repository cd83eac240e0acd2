import { describe, expect, it } from 'vitest'
import { connectServiceBus } from './broker/service-bus'
import { ScriptError } from './testing/scripted-runtime'
import { settledExecutions, testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const { connect, start } = testEngines()

const WITH_SESSIONS = {
  queue: { requiresSession: true, lockDurationMs: 5_000 },
  flow: { messageOrder: 'session' },
} as const

describe('a flow with the order per session', () => {
  it('runs each session in order, through the retries of a message that fails', async () => {
    const flow = await connect(WITH_SESSIONS)
    const failures = new Map<string, number>()
    const { inputs } = await start((input) => {
      const count = (failures.get(input) ?? 0) + 1
      failures.set(input, count)
      if (input.endsWith('2') && count < 3) throw new ScriptError({})
    })
    for (const number of [1, 2, 3, 4]) {
      for (const sessionId of ['a', 'b', 'c']) await flow.send(`${sessionId}${number}`, { sessionId })
    }
    const executions = await settledExecutions(flow, 18)
    expect(executions).toHaveLength(18)
    for (const session of ['a', 'b', 'c']) {
      const ran = inputs.filter((input) => input.startsWith(session)).map((input) => Number(input.slice(1)))
      expect(ran).toEqual([1, 2, 2, 2, 3, 4])
    }
    expect(new Set(executions.map(({ sessionId }) => sessionId))).toEqual(new Set(['a', 'b', 'c']))
  })

  it('works on as many sessions at a time as its concurrency says, and on one message of each', async () => {
    const flow = await connect({ ...WITH_SESSIONS, flow: { messageOrder: 'session', concurrency: 2 } })
    const open = new Set<string>()
    let most = 0
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    for (const sessionId of ['a', 'b', 'c', 'd']) {
      await flow.send(sessionId, { sessionId })
      await flow.send(sessionId, { sessionId })
    }
    await start(async (input) => {
      if (open.has(input)) throw new Error(`two messages of ${input} at a time`)
      open.add(input)
      most = Math.max(most, open.size)
      await released
      open.delete(input)
    })
    await waitUntil('two sessions are in work', () => open.size === 2)
    const other = connectServiceBus(flow.address.connectionString)
    const free = await waitUntil('others may have the third', () => other.acceptSession(flow.address.queueName))
    expect(['c', 'd']).toContain(free.sessionId)
    await free.close()
    await other.close()
    release()
    const executions = await settledExecutions(flow, 8)
    expect(executions.map(({ status }) => status)).toEqual(Array(8).fill('succeeded'))
    expect(most).toBe(2)
  })

  it('lets other sessions pass while one waits for its back-off', async () => {
    const flow = await connect({ ...WITH_SESSIONS, flow: { messageOrder: 'session', concurrency: 1 } })
    const { statusOf } = await start(
      (input) => {
        if (input === 'bad') throw new ScriptError({})
      },
      { backOff: { firstMs: 600_000, factor: 1, longestMs: 600_000 } },
    )
    await flow.send('bad', { sessionId: 'a' })
    await waitUntil('it is held', () => statusOf(flow.flowId)?.inFlight[0]?.stage === 'held')
    await flow.send('behind the bad one', { sessionId: 'a' })
    await flow.send('good', { sessionId: 'b' })
    await settledExecutions(flow, 1)
    expect((await flow.executions()).map(({ inputPreview }) => inputPreview)).toEqual(['bad', 'good'])
  })

  it("keeps a session's lock for as long as its message runs", async () => {
    const flow = await connect(WITH_SESSIONS)
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { statusOf } = await start(() => released)
    await flow.send('long', { sessionId: 'a' })
    const end = await waitUntil('it runs', () => statusOf(flow.flowId)?.inFlight[0]?.lockedUntil.getTime())
    await waitUntil('the first lock would be over', () => Date.now() > end + 500)
    release()
    expect(await settledExecutions(flow, 1)).toMatchObject([{ status: 'succeeded', deliveryCount: 1 }])
  })

  it('lets go of its sessions at once when it is paused', async () => {
    const flow = await connect({ ...WITH_SESSIONS, queue: { requiresSession: true, lockDurationMs: 300_000 } })
    const { engine, untilState } = await start(() => null)
    await flow.send('first', { sessionId: 'a' })
    await settledExecutions(flow, 1)
    await flow.change({ intent: 'paused', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    expect((await untilState(flow.flowId, 'paused')).reason).toContain('Paused by ada')
    await flow.send('second', { sessionId: 'a' })
    const other = connectServiceBus(flow.address.connectionString)
    const session = await waitUntil('the session is free', () => other.acceptSession(flow.address.queueName))
    expect(session.sessionId).toBe('a')
    await session.close()
    await other.close()
  })

  it('is told when its queue has no sessions, and a flow without order when its queue has', async () => {
    const without = await connect({ flow: { messageOrder: 'session' } })
    const withSessions = await connect({ queue: { requiresSession: true } })
    const { untilState } = await start(() => null)
    expect((await untilState(without.flowId, 'misconfigured')).reason).toContain('“Unordered”')
    expect((await untilState(withSessions.flowId, 'misconfigured')).reason).toContain('“Per session”')
  })
})
