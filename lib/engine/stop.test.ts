import { describe, expect, it } from 'vitest'
import { makeEngine } from './testing/engine-fixture'
import { ScriptError } from './testing/scripted-runtime'
import { settledExecutions, testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const { connect, start } = testEngines()

describe('a stop', () => {
  it('waits for what is in work, and settles it', async () => {
    const flow = await connect()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { engine, inputs, statusOf } = await start(() => released)
    await flow.send('in work')
    await waitUntil('it runs', () => inputs.length === 1)
    const stopped = engine.stop(10_000)
    await waitUntil('it drains', () => statusOf(flow.flowId)?.state === 'draining')
    release()
    await stopped
    expect(await flow.executions()).toMatchObject([{ status: 'succeeded', settlement: 'completed' }])
    expect((await flow.flow()).state).toBe('stopped')
  })

  it('gives back uncounted what is not done in time, and a second call hurries it', async () => {
    const flow = await connect({ queue: { maxDeliveryCount: 1 } })
    const first = await start(() => new Promise(() => {}))
    await flow.send('endless')
    await waitUntil('it runs', () => first.inputs.length === 1)
    const startedAt = Date.now()
    const stopped = first.engine.stop(60_000)
    first.engine.hurry()
    await stopped
    expect(Date.now() - startedAt).toBeLessThan(30_000)
    expect(await flow.executions()).toMatchObject([
      { status: 'abandoned', errorType: 'EngineStopped', settlement: 'abandoned' },
    ])
    await start(() => 'again')
    const executions = await settledExecutions(flow, 2)
    expect(executions[1]).toMatchObject({ status: 'succeeded', deliveryCount: 1 })
    expect(await flow.flow()).toMatchObject({ deadLetteredCount: 0 })
  })

  it('gives held messages back at once', async () => {
    const flow = await connect()
    const { engine, statusOf } = await start(
      () => {
        throw new ScriptError({})
      },
      { backOff: { firstMs: 60_000, factor: 1, longestMs: 60_000 } },
    )
    await flow.send('poison')
    await waitUntil('it is held', () => statusOf(flow.flowId)?.inFlight[0]?.stage === 'held')
    const startedAt = Date.now()
    await engine.stop(30_000)
    expect(Date.now() - startedAt).toBeLessThan(20_000)
    expect(await flow.executions()).toMatchObject([{ status: 'failed', settlement: 'abandoned' }])
  })

  it('is safe in the middle of a start', async () => {
    const flow = await connect()
    const { engine } = makeEngine(() => null)
    const starting = engine.start()
    await Promise.all([engine.stop(0), engine.stop(0)])
    await starting
    expect(engine.isRunning).toBe(false)
    expect((await flow.flow()).state).toBe('stopped')
  })
})
