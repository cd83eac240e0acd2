import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { metrics } from '@/lib/telemetry/registry'
import { peekDeadLetters, peekQueue, readQueueFacts } from './broker/dead-letter'
import type { Delivery } from './broker/port'
import { connectServiceBus } from './broker/service-bus'
import { MAX_HELD } from './dispatcher'
import { holdCommits } from './testing/hold-commits'
import { ScriptError } from './testing/scripted-runtime'
import { settledExecutions, testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const { connect, start } = testEngines()

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

  it('that comes for the first time is not looked up in the ledger; one that comes again is', async () => {
    const lookedUp = async () => {
      const { values } = await metrics().ledgerBatchSize.get()
      const isOfLookups = ({ labels, metricName }: (typeof values)[number]) =>
        labels.kind === 'lookup' && metricName?.endsWith('_sum')
      return values.find(isOfLookups)?.value ?? 0
    }
    const flow = await connect()
    let attempts = 0
    await start((input) => {
      if (input === 'faulty' && attempts++ === 0) throw new Error('not yet')
    })
    const before = await lookedUp()
    await Promise.all(['a', 'b', 'c'].map((body) => flow.send(body)))
    await settledExecutions(flow, 3)
    expect(await lookedUp()).toBe(before)
    await flow.send('faulty')
    await settledExecutions(flow, 5)
    expect(await lookedUp()).toBe(before + 1)
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

  it('waits between its attempts', async () => {
    const flow = await connect()
    const ranAt: number[] = []
    await start(
      () => {
        ranAt.push(Date.now())
        if (ranAt.length === 1) throw new ScriptError({})
      },
      { backOff: { firstMs: 600, factor: 1, longestMs: 600 } },
    )
    await flow.send('bad at first')
    await settledExecutions(flow, 2)
    expect((ranAt[1] ?? 0) - (ranAt[0] ?? 0)).toBeGreaterThanOrEqual(590)
  })

  it('that waits for its next attempt takes no slot: others pass', async () => {
    const flow = await connect()
    const { statusOf } = await start(
      (input) => {
        if (input === 'bad') throw new ScriptError({})
      },
      { slots: 1, backOff: { firstMs: 600_000, factor: 1, longestMs: 600_000 } },
    )
    await flow.send('bad')
    await waitUntil('it is held', () => statusOf(flow.flowId)?.inFlight[0]?.stage === 'held')
    await flow.send('good')
    const executions = await settledExecutions(flow, 1)
    expect(executions.map(({ inputPreview, settlement }) => [inputPreview, settlement])).toEqual([
      ['bad', null],
      ['good', 'completed'],
    ])
  })

  it('finds no slot any more when too many wait for their next attempt, and stays on the queue uncounted', async () => {
    const flow = await connect()
    const { engine, statusOf } = await start(
      () => {
        throw new ScriptError({})
      },
      { slots: 2, backOff: { firstMs: 600_000, factor: 1, longestMs: 600_000 } },
    )
    const sender = connectServiceBus(flow.address.connectionString)
    const bad = { body: Buffer.from('bad') }
    await Promise.all(Array.from({ length: 70 }, () => sender.send(flow.address.queueName, bad)))
    await sender.close()
    const heldCount = () => statusOf(flow.flowId)?.inFlight.filter(({ stage }) => stage === 'held').length
    // So many wait without a slot, and one more for each slot.
    await waitUntil('no slot is left', () => heldCount() === MAX_HELD + 2)
    const untouched = (await peekQueue({ ...flow.address, maxCount: 100 })).slice(MAX_HELD + 2)
    expect(untouched.map(({ deliveryCount }) => deliveryCount)).toEqual([0, 0, 0, 0])
    expect(await flow.executions()).toHaveLength(MAX_HELD + 2)
    await engine.stop(0)
    expect(await peekQueue({ ...flow.address, maxCount: 100 })).toHaveLength(70)
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

  it('with a body that its worker can not parse is dead-lettered at once, with what to do', async () => {
    const flow = await connect()
    const { inputs } = await start(() => {
      throw new ScriptError({ kind: 'unusable_input', message: 'The input is not JSON: Expecting value.' })
    })
    await flow.send('{"a": nothing}', { contentType: 'application/json' })
    const [execution] = await settledExecutions(flow, 1)
    const problem =
      'The content type is application/json, but the body is not JSON. The input is not JSON: Expecting value.'
    expect(execution).toMatchObject({ status: 'failed', inputType: 'text', settlement: 'dead_lettered' })
    expect(execution?.errorMessage).toBe(problem)
    const [dead] = await peekDeadLetters(flow.address)
    expect(dead).toMatchObject({
      deadLetterReason: 'UnusableInput',
      deadLetterDescription: `${problem} Correct the sender, or send the message again as text.`,
    })
    expect(inputs).toHaveLength(1)
  })

  it('with text that looks like JSON is taken as text when its worker can not parse it', async () => {
    const flow = await connect()
    await start((input, { type }) => {
      if (type === 'json') throw new ScriptError({ kind: 'unusable_input' })
      return input
    })
    await flow.send('{dear sir}')
    const [execution] = await settledExecutions(flow, 1)
    expect(execution).toMatchObject({ status: 'succeeded', inputType: 'text', inputPreview: '{dear sir}' })
    expect(execution).toMatchObject({ resultPreview: '"{dear sir}"', settlement: 'completed' })
  })

  it.each([
    ['input_too_large', 'InputTooLarge', 'Put the data into a collection'],
    ['result_too_large', 'ResultTooLarge', 'write large results to hosted data'],
  ] as const)('that fails by %s is dead-lettered at once, with what to do', async (kind, reason, advice) => {
    const flow = await connect()
    const { inputs } = await start(() => {
      throw new ScriptError({ kind, message: 'It has 20 MiB; 10 MiB are allowed.' })
    })
    await flow.send('too much')
    expect(await settledExecutions(flow, 1)).toMatchObject([{ status: 'failed', settlement: 'dead_lettered' }])
    const [dead] = await peekDeadLetters(flow.address)
    expect(dead?.deadLetterReason).toBe(reason)
    expect(dead?.deadLetterDescription).toMatch(new RegExp(`^It has 20 MiB; 10 MiB are allowed\\..*${advice}`))
    expect(inputs).toHaveLength(1)
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

  it('keeps its lock while the database takes its time to record it, and runs once', async () => {
    const flow = await connect({ queue: { lockDurationMs: 5_000, maxDeliveryCount: 1 } })
    const commits = await holdCommits(process.env.DATABASE_URL as string)
    const { inputs, statusOf } = await start(() => 'done')
    await flow.send('patient')
    await waitUntil('its row waits for the commit', () => commits.areHeld())
    const end = statusOf(flow.flowId)?.inFlight[0]?.lockedUntil.getTime() ?? Number.NaN
    await waitUntil('the first lock would be over', () => Date.now() > end + 500)
    await commits.release()
    const executions = await settledExecutions(flow, 1)
    expect(executions).toMatchObject([{ status: 'succeeded', deliveryCount: 1, settlement: 'completed' }])
    expect(inputs).toEqual(['patient'])
  })

  it('that has succeeded leaves its slot to the next one, as long as no more than three for each slot are recorded', async () => {
    const flow = await connect()
    const commits = await holdCommits(process.env.DATABASE_URL as string)
    const { inputs, statusOf } = await start(() => 'done', { slots: 1 })
    const bodies = Array.from({ length: 6 }, (_, number) => String(number))
    for (const body of bodies) await flow.send(body)
    await waitUntil('a row waits for the commit', () => commits.areHeld())
    const stages = () => statusOf(flow.flowId)?.inFlight.map(({ stage }) => stage)
    await waitUntil('four have run', () => stages()?.join() === Array(4).fill('recording').join())
    await sleep(300)
    expect(inputs).toEqual(bodies.slice(0, 4))
    await commits.release()
    const executions = await settledExecutions(flow, 6)
    expect(executions.map(({ settlement }) => settlement)).toEqual(bodies.map(() => 'completed'))
    expect(inputs).toEqual(bodies)
  })

  it.each([
    ['body', { body: 'x'.repeat(64 * 1024), result: 'done' }],
    ['result', { body: 'first', result: 'x'.repeat(64 * 1024) }],
    // The scripted algorithm prints what it gets.
    ['log', { body: 'x'.repeat(33 * 1024), result: 'done' }],
  ])(
    'with a large %s keeps its slot until it is settled: what is in hand is in memory',
    async (_, { body: large, result }) => {
      const flow = await connect()
      const commits = await holdCommits(process.env.DATABASE_URL as string)
      const { inputs, statusOf } = await start((input) => (input === large ? result : 'done'), { slots: 1 })
      const small = 'small'
      await flow.send(large)
      await flow.send(small)
      await waitUntil('a row waits for the commit', () => commits.areHeld())
      await sleep(300)
      expect(statusOf(flow.flowId)?.inFlight.map(({ stage }) => stage)).toEqual(['recording'])
      await commits.release()
      await settledExecutions(flow, 2)
      expect(inputs).toEqual([large, small])
    },
  )

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
        await new Promise<void>((resolve) => signal.addEventListener('abort', resolve))
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

const neverRenews = async (): Promise<Date> => {
  throw new Error('the renewal got lost')
}

/** The real broker, with each delivery changed on its way in. */
function withDelivery(change: (delivery: Delivery) => Delivery): typeof connectServiceBus {
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
