import { describe, expect, it } from 'vitest'
import { encrypt } from '@/lib/crypto'
import { MIB } from '@/lib/runtime/limits'
import { updateRuntimeSettings } from '@/lib/settings/commands'
import { RuntimeSettings } from '@/lib/settings/schema'
import { recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext } from '@/lib/testing/contexts'
import { peekQueue } from './broker/dead-letter'
import { connectServiceBus } from './broker/service-bus'
import { publishRow } from './testing/ledger-fixture'
import { ScriptError } from './testing/scripted-runtime'
import { startRelay } from './testing/tcp-relay'
import { settledExecutions, testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const engines = testEngines()
const { connect, start } = engines

describe('a consumer', () => {
  it('takes nothing until there is a version, and starts when one is published', async () => {
    const flow = await connect({ isPublished: false })
    const { engine, untilState, inputs } = await start(() => null)
    await flow.send('early')
    const waiting = await untilState(flow.flowId, 'waiting_for_version')
    expect(waiting.reason).toContain('Publish one')
    expect(inputs).toEqual([])
    await publishRow(engines.db, flow.algorithm.id)
    await engine.refreshAll()
    const [execution] = await settledExecutions(flow, 1)
    expect(execution).toMatchObject({ status: 'succeeded', deliveryCount: 1 })
  })

  it('goes over to a newer version without dropping what is in work', async () => {
    const flow = await connect()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { engine, inputs, statusOf } = await start(async (input) => {
      if (input === 'slow') await released
    })
    await flow.send('slow')
    await waitUntil('it runs', () => inputs.length === 1)
    await publishRow(engines.db, flow.algorithm.id, 2)
    await engine.refreshAll()
    expect(statusOf(flow.flowId)).toMatchObject({ state: 'receiving', semanticVersion: '0.2.0' })
    await flow.send('quick')
    await settledExecutions(flow, 1)
    release()
    const executions = await settledExecutions(flow, 2)
    expect(executions.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1])
    expect(new Set(executions.map(({ versionId }) => versionId)).size).toBe(2)
  })

  it('keeps what the sender gave the message, times as times', async () => {
    const flow = await connect()
    await start(() => null)
    const properties = { at: new Date(0), size: 100, isUrgent: true, tenant: 'contoso' }
    await flow.send('x', { properties })
    const [execution] = await settledExecutions(flow, 1)
    expect(execution?.applicationProperties).toEqual({ ...properties, at: '1970-01-01T00:00:00.000Z' })
  })

  it('runs within the maximum that an administrator lowers, from then on', async () => {
    const flow = await connect()
    const limits: number[] = []
    await start((_input, { version }) => {
      limits.push(version.limits.memoryBytes / MIB)
    })
    await flow.send('before')
    await settledExecutions(flow, 1)
    const { ctx } = await makeUserContext(engines.db, { isAdmin: true })
    const runtime = recordRuntimeCalls()
    await updateRuntimeSettings(ctx, { maxima: { memoryMib: 200 } })
    runtime.end()
    await waitUntil('a message runs within it', async () => {
      await flow.send('after')
      return limits.at(-1) === 200
    })
    expect(limits[0]).toBe(512)
    // As another process would: this one notices by itself.
    const value = RuntimeSettings.parse({ maxima: { memoryMib: 100 } })
    await engines.db.setting.update({ where: { key: 'runtime' }, data: { value } })
    await waitUntil('a message runs within that', async () => {
      await flow.send('later')
      return limits.at(-1) === 100
    })
  })

  it('says that its queue is missing, and receives once it is there', async () => {
    const flow = await connect()
    await engines.db.eventFlow.update({ where: { id: flow.flowId }, data: { queueName: 'later' } })
    let tries = 0
    const connectBroker: typeof connectServiceBus = (...address) => {
      tries += 1
      return connectServiceBus(...address)
    }
    const { untilState, statusOf } = await start(() => null, { connectBroker })
    const status = await untilState(flow.flowId, 'misconfigured')
    expect(status.reason).toContain('There is no queue later')
    const triesBefore = tries
    await waitUntil('it was tried again', () => tries >= triesBefore + 3)
    expect(statusOf(flow.flowId)).toMatchObject({ state: 'misconfigured', changedAt: status.changedAt })
    await waitUntil('the ledger knows', async () => (await flow.flow()).state === 'misconfigured')
    await engines.broker.createQueue('later')
    await untilState(flow.flowId, 'receiving')
  })

  it('says that the broker can not be reached, why and since when, and receives when it can', async () => {
    const flow = await connect()
    const relay = await startRelay(engines.broker.port)
    const { connectionString } = engines.broker
    const through = connectionString.replace(`:${engines.broker.port}`, `:${relay.port}`)
    await flow.change({ connectionString: encrypt(through), namespaceHost: `127.0.0.1:${relay.port}` })
    const { untilState, statusOf } = await start(() => null)
    const before = await untilState(flow.flowId, 'receiving')
    relay.cut()
    const away = await untilState(flow.flowId, 'reconnecting')
    expect(away.reason).toMatch(/^127\.0\.0\.1:\d+ can not be reached\. /)
    expect(away.changedAt.getTime()).toBeGreaterThan(before.changedAt.getTime())
    const told = { state: 'reconnecting', stateReason: away.reason, stateChangedAt: away.changedAt }
    await waitUntil('the ledger knows', async () => (await flow.flow()).state === 'reconnecting')
    expect(await flow.flow()).toMatchObject(told)
    const announced = async (after: number) => {
      const nextTryAt = () => statusOf(flow.flowId)?.nextTryAt?.getTime() ?? 0
      return waitUntil('a later try is announced', () => nextTryAt() > after && nextTryAt())
    }
    await announced(await announced(away.changedAt.getTime()))
    expect(statusOf(flow.flowId)).toMatchObject({ state: 'reconnecting', changedAt: away.changedAt })
    await flow.send('patient')
    relay.mend()
    expect((await untilState(flow.flowId, 'receiving')).nextTryAt).toBeNull()
    expect(await settledExecutions(flow, 1)).toMatchObject([{ status: 'succeeded', deliveryCount: 1 }])
    await relay.close()
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
    await engines.broker.restart('SIGKILL')
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
    await engines.broker.createQueue('edited')
    await engines.db.eventFlow.update({
      where: { id: flow.flowId },
      data: { queueName: 'edited', revision: { increment: 1 } },
    })
    await engine.refreshFlow(flow.flowId)
    expect(statusOf(flow.flowId)?.queueName).toBe('edited')
    await untilState(flow.flowId, 'receiving')
    await engines.db.eventFlow.delete({ where: { id: flow.flowId } })
    await engine.refreshFlow(flow.flowId)
    await waitUntil('its consumer is gone', () => statusOf(flow.flowId) === undefined)
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

  it('says that a build is missing, and goes on without a lost attempt when it is there', async () => {
    const flow = await connect({ queue: { maxDeliveryCount: 1 } })
    let isBuilt = false
    const { untilState } = await start(() => {
      if (!isBuilt) throw new ScriptError({ kind: 'not_built', message: 'The build of this version is not there.' })
      return 'ran'
    })
    await flow.send('patient')
    const status = await untilState(flow.flowId, 'misconfigured')
    expect(status.reason).toBe('The build of this version is not there. Messages are held, and none is lost.')
    isBuilt = true
    expect(await settledExecutions(flow, 1)).toMatchObject([{ status: 'succeeded', deliveryCount: 1 }])
    await untilState(flow.flowId, 'receiving')
  })
})
