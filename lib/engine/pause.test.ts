import { describe, expect, it } from 'vitest'
import { peekQueue } from './broker/dead-letter'
import { ScriptError } from './testing/scripted-runtime'
import { settledExecutions, testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const engines = testEngines()
const { connect, start } = engines

describe('a flow that is paused', () => {
  it('ends what is in work, leaves the rest on the queue, says by whom, and goes on when it is resumed', async () => {
    const flow = await connect({ flow: { concurrency: 1 } })
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { engine, untilState, inputs, statusOf } = await start(async (input) => {
      if (input === 'in work') await released
    })
    await flow.send('in work')
    await waitUntil('it runs', () => inputs.length === 1)
    await flow.change({ intent: 'paused', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    expect((await untilState(flow.flowId, 'paused')).reason).toContain('Paused by ada')
    await flow.send('later')
    expect(statusOf(flow.flowId)?.inFlight).toHaveLength(1)
    release()
    await settledExecutions(flow, 1)
    expect(await peekQueue(flow.address)).toMatchObject([{ deliveryCount: 0 }])
    await flow.change({ intent: 'run', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    const executions = await settledExecutions(flow, 2)
    expect(executions.map(({ deliveryCount, status }) => `${status} ${deliveryCount}`)).toEqual([
      'succeeded 1',
      'succeeded 1',
    ])
    expect(inputs).toEqual(['in work', 'later'])
  })

  it('keeps no worker ready; one that receives does', async () => {
    const flow = await connect()
    const { engine, untilState, kept } = await start(() => null)
    await untilState(flow.flowId, 'receiving')
    expect(kept.size).toBe(1)
    await flow.change({ intent: 'paused', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    await untilState(flow.flowId, 'paused')
    expect(kept.size).toBe(0)
    await flow.change({ intent: 'run', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    await untilState(flow.flowId, 'receiving')
    expect(kept.size).toBe(1)
    await engine.stop(0)
    expect(kept.size).toBe(0)
  })

  it('stays so, and says so, over a restart of the engine', async () => {
    const flow = await connect({ flow: { intent: 'paused', intentBy: 'ada' } })
    const first = await start(() => null)
    await first.untilState(flow.flowId, 'paused')
    await flow.send('patient')
    await first.engine.stop(0)
    expect(await flow.flow()).toMatchObject({ state: 'paused', stateReason: expect.stringContaining('Paused by ada') })
    const second = await start(() => null)
    await second.untilState(flow.flowId, 'paused')
    expect(await peekQueue(flow.address)).toHaveLength(1)
    expect(second.inputs).toEqual([])
  })
})

describe('a flow that is drained', () => {
  it('is draining while something is in work, then stopped, and starts again when it is resumed', async () => {
    const flow = await connect()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { engine, untilState, inputs } = await start(() => released)
    await flow.send('in work')
    await waitUntil('it runs', () => inputs.length === 1)
    await flow.change({ intent: 'drained', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    expect((await untilState(flow.flowId, 'draining')).reason).toContain('Draining by ada')
    release()
    expect((await untilState(flow.flowId, 'stopped')).reason).toContain('Drained by ada')
    expect(await settledExecutions(flow, 1)).toMatchObject([{ status: 'succeeded', settlement: 'completed' }])
    await waitUntil('the ledger knows', async () => (await flow.flow()).state === 'stopped')
    await flow.change({ intent: 'run', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    await untilState(flow.flowId, 'receiving')
  })

  it('gives back, uncounted, what waits for something that is missing', async () => {
    const flow = await connect({ queue: { maxDeliveryCount: 1 } })
    const { engine, untilState, inputs } = await start(() => {
      throw new ScriptError({ kind: 'not_built', message: 'The build of this version is not there.' })
    })
    await flow.send('patient')
    await untilState(flow.flowId, 'misconfigured')
    await flow.change({ intent: 'drained', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    await untilState(flow.flowId, 'stopped')
    expect(inputs.length).toBeGreaterThan(0)
    expect(await peekQueue(flow.address)).toMatchObject([{ deliveryCount: 0 }])
    expect(await flow.executions()).toEqual([])
  })

  it('can be resumed while it drains, and never runs more than its concurrency', async () => {
    const flow = await connect({ flow: { concurrency: 1 } })
    let running = 0
    let most = 0
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { engine, untilState, inputs } = await start(async () => {
      running += 1
      most = Math.max(most, running)
      await released
      running -= 1
    })
    await flow.send('one')
    await flow.send('two')
    await waitUntil('one runs', () => inputs.length === 1)
    await flow.change({ intent: 'drained', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    await untilState(flow.flowId, 'draining')
    await flow.change({ intent: 'run', intentBy: 'ada' })
    await engine.refreshFlow(flow.flowId)
    await untilState(flow.flowId, 'receiving')
    release()
    await settledExecutions(flow, 2)
    expect(most).toBe(1)
  })
})

describe('a lock renewal limit', () => {
  it('ends a run that takes longer, and gives the message back with the reason', async () => {
    const flow = await connect()
    let runs = 0
    await start(
      async (_, { signal }) => {
        runs += 1
        if (runs === 1) await new Promise<void>((resolve) => signal.addEventListener('abort', resolve))
        return runs
      },
      { lockRenewalLimitMs: 2_000 },
    )
    await flow.send('slow at first')
    const executions = await waitUntil('both deliveries are settled', async () => {
      const found = await flow.executions()
      return found.filter(({ settledAt }) => settledAt).length === 2 && found
    })
    expect(executions.map(({ settlement }) => settlement)).toEqual(['abandoned', 'completed'])
    expect(executions[0]).toMatchObject({
      status: 'abandoned',
      errorType: 'LockRenewalLimit',
      deliveryCount: 1,
    })
  })
})
