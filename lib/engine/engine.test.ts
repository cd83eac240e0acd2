import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { peekDeadLetters, peekQueue, readQueueFacts } from './broker/dead-letter'
import { connectServiceBus } from './broker/service-bus'
import type { Engine } from './engine'
import { makeConnectedFlow, makeEngine } from './testing/engine-fixture'
import { publishRow } from './testing/ledger-fixture'
import { ScriptError } from './testing/scripted-runtime'
import { waitUntil } from './testing/wait-until'

let database: TestDatabase
let broker: TestBroker
let running: Engine[] = []

beforeAll(async () => {
  database = await testDatabase()
  broker = await testBroker()
})
afterEach(async () => {
  await Promise.all(running.map((engine) => engine.stop(0)))
  running = []
  await database.db.eventFlow.deleteMany()
})
afterAll(async () => {
  await broker.close()
  await database.close()
})

const connect = (options: Parameters<typeof makeConnectedFlow>[2] = {}) =>
  makeConnectedFlow(database.db, broker, options)

async function start(...args: Parameters<typeof makeEngine>) {
  const made = makeEngine(...args)
  running.push(made.engine)
  await made.engine.start()
  return made
}

const settledExecutions = (flow: Awaited<ReturnType<typeof connect>>, count: number) =>
  waitUntil(`${count} executions are settled`, async () => {
    const executions = await flow.executions()
    return executions.filter(({ settledAt }) => settledAt).length >= count && executions
  })

describe('a message', () => {
  it('runs, is recorded with input, result, log and times, and then completed', async () => {
    const flow = await connect()
    await start((input) => ({ stored: JSON.parse(input).filename }))
    await flow.send('{"filename":"some-new-file.txt"}', { messageId: 'first' })
    const [execution] = await settledExecutions(flow, 1)
    expect(execution).toMatchObject({
      source: 'flow',
      status: 'succeeded',
      settlement: 'completed',
      messageId: 'first',
      deliveryCount: 1,
      inputType: 'json',
      inputPreview: '{"filename":"some-new-file.txt"}',
      resultPreview: '{"stored":"some-new-file.txt"}',
      log: { stdout: 'saw {"filename":"some-new-file.txt"}' },
    })
    const times = [execution?.enqueuedAt, execution?.receivedAt, execution?.startedAt, execution?.finishedAt]
    expect([...times, execution?.settledAt].map(Number)).toEqual([...times, execution?.settledAt].map(Number).sort())
    expect(await peekQueue(flow.address)).toEqual([])
    expect(await flow.flow()).toMatchObject({
      deliveredCount: 1,
      succeededCount: 1,
      failedCount: 0,
      state: 'receiving',
    })
  })

  it('that makes the algorithm raise is tried to the maximum and found in the dead-letter queue', async () => {
    const flow = await connect({ queue: { maxDeliveryCount: 3 } })
    await start(() => {
      throw new Error('no such collection')
    })
    await flow.send('{}', { messageId: 'poison' })
    const executions = await settledExecutions(flow, 3)
    expect(executions.map(({ deliveryCount, status, settlement }) => [deliveryCount, status, settlement])).toEqual([
      [1, 'failed', 'abandoned'],
      [2, 'failed', 'abandoned'],
      [3, 'failed', 'abandoned'],
    ])
    expect(executions[0]).toMatchObject({
      errorMessage: 'Error: no such collection',
      errorStack: 'line 1\nline 2',
    })
    const [dead] = await waitUntil('it is dead-lettered', async () => {
      const messages = await peekDeadLetters(flow.address)
      return messages.length > 0 && messages
    })
    expect(dead).toMatchObject({ messageId: 'poison', deadLetterReason: 'MaxDeliveryCountExceeded' })
    expect(await flow.flow()).toMatchObject({ failedCount: 3, deadLetteredCount: 1 })
  })

  it('waits between its attempts, and lets others pass meanwhile', async () => {
    const flow = await connect()
    const seen: { input: string; at: number }[] = []
    await start(
      (input) => {
        seen.push({ input, at: Date.now() })
        if (input === 'bad' && seen.length === 1) throw new ScriptError({})
      },
      { slots: 1, backOff: { firstMs: 600, factor: 1, longestMs: 600 } },
    )
    await flow.send('bad')
    await waitUntil('it has failed once', () => seen.length === 1)
    await flow.send('good')
    await settledExecutions(flow, 3)
    expect(seen.map(({ input }) => input)).toEqual(['bad', 'good', 'bad'])
    expect((seen[2]?.at ?? 0) - (seen[0]?.at ?? 0)).toBeGreaterThanOrEqual(590)
  })

  it('with a body that can not be used is dead-lettered at once, with what to do', async () => {
    const flow = await connect()
    const { inputs } = await start(() => null)
    await flow.send('{"half', { contentType: 'application/json' })
    const [execution] = await settledExecutions(flow, 1)
    expect(execution).toMatchObject({ status: 'failed', errorType: 'UnusableInput', settlement: 'dead_lettered' })
    const [dead] = await peekDeadLetters(flow.address)
    expect(dead).toMatchObject({ deadLetterReason: 'UnusableInput' })
    expect(dead?.deadLetterDescription).toContain('the body is not JSON')
    expect(inputs).toEqual([])
    expect(await waitUntil('it is counted', async () => (await flow.flow()).deadLetteredCount)).toBe(1)
  })

  it('keeps its lock for as long as it runs, whatever other message has the same id', async () => {
    const flow = await connect({ queue: { lockDurationMs: 5_000, maxDeliveryCount: 2 } })
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { inputs, statusOf } = await start(() => released)
    await Promise.all([flow.send('one', { messageId: 'same' }), flow.send('two', { messageId: 'same' })])
    const firstLocks = await waitUntil('both run', () => {
      const inFlight = statusOf(flow.flowId)?.inFlight ?? []
      return inFlight.length === 2 && inFlight.map(({ lockedUntil }) => lockedUntil.getTime())
    })
    const lastEnd = Math.max(...firstLocks)
    await waitUntil('the first locks would be over', () => Date.now() > lastEnd + 500)
    release()
    const executions = await settledExecutions(flow, 2)
    expect(executions.map(({ status, deliveryCount }) => [status, deliveryCount])).toEqual([
      ['succeeded', 1],
      ['succeeded', 1],
    ])
    expect(inputs).toHaveLength(2)
  })

  it('that was recorded but not completed is completed at its next delivery, without a run', async () => {
    const flow = await connect({ queue: { lockDurationMs: 5_000 } })
    let refusals = 0
    const { inputs } = await start(() => 'done', {
      connectBroker: withDelivery((delivery) => ({
        ...delivery,
        complete: async () => {
          refusals += 1
          if (refusals === 1) throw new Error('the answer got lost')
          await delivery.complete()
        },
      })),
    })
    await flow.send('once')
    await waitUntil('the completion failed', () => refusals === 1)
    const executions = await settledExecutions(flow, 1)
    expect(inputs).toEqual(['once'])
    expect(executions).toHaveLength(1)
    expect(
      await waitUntil('the queue is empty', async () => (await readQueueFacts(flow.address))?.activeCount === 0),
    ).toBe(true)
  })

  it('whose lock is lost has its run ended, and wins nothing with it', async () => {
    const flow = await connect({ queue: { lockDurationMs: 5_000 } })
    let runs = 0
    await start(
      async (_, { signal }) => {
        runs += 1
        if (runs > 1) return 'second'
        // Ends only because it is killed.
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return 'first'
      },
      { connectBroker: withDelivery((delivery) => (runs === 0 ? { ...delivery, renewLock: neverRenews } : delivery)) },
    )
    await flow.send('contested')
    const executions = await waitUntil('the second run has won', async () => {
      const found = await flow.executions()
      return found.some(({ status, settledAt }) => status === 'succeeded' && settledAt) && found
    })
    expect(
      executions.map(({ status, errorType, resultPreview, settlement }) => [
        status,
        errorType,
        resultPreview,
        settlement,
      ]),
    ).toEqual([
      ['abandoned', 'LockLost', '', null],
      ['succeeded', null, '"second"', 'completed'],
    ])
  })
})

describe('a consumer', () => {
  it('takes nothing until there is a version, and starts when one is published', async () => {
    const flow = await connect({ isPublished: false })
    const { engine, untilState, inputs } = await start(() => null)
    await flow.send('early')
    const waiting = await untilState(flow.flowId, 'waiting_for_version')
    expect(waiting.reason).toContain('Publish one')
    expect(inputs).toEqual([])
    await publishRow(database.db, flow.algorithm.id)
    await engine.refreshAll()
    const [execution] = await settledExecutions(flow, 1)
    expect(execution).toMatchObject({ status: 'succeeded', deliveryCount: 1 })
  })

  it('goes over to a newer version without dropping what is in work', async () => {
    const flow = await connect()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { engine, statusOf } = await start(async (input) => {
      if (input === 'slow') await released
    })
    await flow.send('slow')
    await waitUntil('it runs', () => statusOf(flow.flowId)?.inFlight.length === 1)
    await publishRow(database.db, flow.algorithm.id, 2)
    await engine.refreshAll()
    expect(statusOf(flow.flowId)).toMatchObject({ state: 'receiving', semanticVersion: '0.2.0' })
    await flow.send('quick')
    await settledExecutions(flow, 1)
    release()
    const executions = await settledExecutions(flow, 2)
    expect(executions.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1])
    expect(new Set(executions.map(({ versionId }) => versionId)).size).toBe(2)
  })

  it('says that its queue is missing, and receives once it is there', async () => {
    const flow = await connect()
    await database.db.eventFlow.update({ where: { id: flow.flowId }, data: { queueName: 'later' } })
    const { untilState } = await start(() => null)
    const status = await untilState(flow.flowId, 'misconfigured')
    expect(status.reason).toContain('There is no queue later')
    await waitUntil('the ledger knows', async () => (await flow.flow()).state === 'misconfigured')
    await broker.createQueue('later')
    await untilState(flow.flowId, 'receiving')
  })

  it('outlives a restart of the broker, and no message is lost or wins twice', async () => {
    const flow = await connect()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { untilState, inputs } = await start(async (input) => {
      if (input === 'during') await released
    })
    await flow.send('during')
    await waitUntil('it runs', () => inputs.length === 1)
    await broker.restart('SIGKILL')
    await untilState(flow.flowId, 'receiving')
    await flow.send('after')
    release()
    const executions = await waitUntil('both have won', async () => {
      const found = await flow.executions()
      return found.filter(({ winningSequenceNumber }) => winningSequenceNumber !== null).length === 2 && found
    })
    const winners = executions.filter(({ winningSequenceNumber }) => winningSequenceNumber !== null)
    expect(winners.map(({ inputPreview }) => inputPreview).sort()).toEqual(['after', 'during'])
    await waitUntil('the queue is empty', async () => (await peekQueue(flow.address)).length === 0)
  })

  it('follows an edit at once, and ends with its flow', async () => {
    const flow = await connect()
    const { engine, untilState, statusOf } = await start(() => null)
    await untilState(flow.flowId, 'receiving')
    await broker.createQueue('edited')
    await database.db.eventFlow.update({
      where: { id: flow.flowId },
      data: { queueName: 'edited', revision: { increment: 1 } },
    })
    await engine.refreshFlow(flow.flowId)
    expect(statusOf(flow.flowId)?.queueName).toBe('edited')
    await untilState(flow.flowId, 'receiving')
    await database.db.eventFlow.delete({ where: { id: flow.flowId } })
    await engine.refreshFlow(flow.flowId)
    expect(statusOf(flow.flowId)).toBeUndefined()
  })

  it('holds messages while nothing can run, and burns no attempt', async () => {
    const flow = await connect({ queue: { maxDeliveryCount: 1 } })
    let isBuilt = false
    const { untilState } = await start(() => {
      if (!isBuilt) throw new ScriptError({ kind: 'overloaded', message: 'No worker became free.' })
      return 'ran'
    })
    await flow.send('patient')
    await untilState(flow.flowId, 'receiving')
    isBuilt = true
    const [execution, ...others] = await settledExecutions(flow, 1)
    expect(execution).toMatchObject({ status: 'succeeded', deliveryCount: 1 })
    expect(others).toEqual([])
  })
})

describe('a stop', () => {
  it('waits for what is in work, and settles it', async () => {
    const flow = await connect()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { engine, statusOf } = await start(() => released)
    await flow.send('in work')
    await waitUntil('it runs', () => statusOf(flow.flowId)?.inFlight.length === 1)
    const stopped = engine.stop(10_000)
    await waitUntil('it drains', () => statusOf(flow.flowId)?.state === 'draining')
    release()
    await stopped
    expect(await flow.executions()).toMatchObject([{ status: 'succeeded', settlement: 'completed' }])
    expect((await flow.flow()).state).toBe('stopped')
  })

  it('gives back what is not done in time, and a second call hurries it', async () => {
    const flow = await connect()
    const first = await start(() => new Promise(() => {}))
    await flow.send('endless')
    await waitUntil('it runs', () => first.statusOf(flow.flowId)?.inFlight.length === 1)
    const startedAt = Date.now()
    const stopped = first.engine.stop(60_000)
    first.engine.hurry()
    await stopped
    expect(Date.now() - startedAt).toBeLessThan(10_000)
    expect(await flow.executions()).toMatchObject([
      { status: 'abandoned', errorType: 'EngineStopped', settlement: 'abandoned' },
    ])
    await start(() => 'again')
    const executions = await settledExecutions(flow, 2)
    expect(executions[1]).toMatchObject({ status: 'succeeded', deliveryCount: 2 })
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
    expect(Date.now() - startedAt).toBeLessThan(5_000)
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

type AnyDelivery = Parameters<Parameters<ReturnType<typeof connectServiceBus>['receive']>[2]['onDelivery']>[0]

const neverRenews = async (): Promise<Date> => {
  throw new Error('the renewal got lost')
}

/** The real broker, with each delivery changed on its way in. */
function withDelivery(change: (delivery: AnyDelivery) => AnyDelivery): typeof connectServiceBus {
  return (...args) => {
    const real = connectServiceBus(...args)
    return {
      ...real,
      receive: (queueName, slots, listener) =>
        real.receive(queueName, slots, {
          ...listener,
          onDelivery: (delivery) => listener.onDelivery(change(delivery)),
        }),
    }
  }
}
