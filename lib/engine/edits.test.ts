import { describe, expect, it } from 'vitest'
import { peekQueue } from './broker/dead-letter'
import { connectServiceBus } from './broker/service-bus'
import type { ConnectedFlow } from './testing/engine-fixture'
import { connectFlow, makeAlgorithmRow, publishRow } from './testing/ledger-fixture'
import { settledExecutions, testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const engines = testEngines()
const { connect, start } = engines

/** An engine whose runs wait until they are released. */
async function startHolding() {
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const made = await start(async (input) => {
    await released
    return input
  })
  return { ...made, release, untilRunning: (count = 1) => waitUntil('it runs', () => made.inputs.length === count) }
}

async function makeCollections(flow: ConnectedFlow, names: string[]) {
  const owner = await engines.db.account.findUniqueOrThrow({ where: { id: flow.algorithm.ownerId } })
  for (const name of names) await engines.db.collection.create({ data: { ownerId: owner.id, name } })
  return {
    uri: (name: string) => `${owner.name}/${name}`,
    filesOf: async (collection: string) => {
      const where = { collection: { ownerId: owner.id, name: collection } }
      return (await engines.db.dataFile.findMany({ where })).map(({ name }) => name)
    },
  }
}

describe('while a message runs', () => {
  it('its flow can go over to another queue and another collection: it ends as it began', async () => {
    const flow = await connect()
    const { uri, filesOf } = await makeCollections(flow, ['former', 'later'])
    await flow.change({ outputCollection: uri('former') })
    const { engine, statusOf, untilRunning, untilState, release } = await startHolding()
    await flow.send('from the former queue', { messageId: 'first' })
    await untilRunning()

    await engines.broker.createQueue('later-queue')
    await flow.change({ queueName: 'later-queue', outputCollection: uri('later'), revision: { increment: 1 } })
    await engine.refreshFlow(flow.flowId)
    await untilState(flow.flowId, 'receiving')
    expect(statusOf(flow.flowId)?.queueName).toBe('later-queue')
    const sender = connectServiceBus(flow.address.connectionString)
    // The former queue is nobody's by now: what comes there stays there.
    await sender.send(flow.address.queueName, { body: Buffer.from('too late') })
    await sender.send('later-queue', { body: Buffer.from('from the later queue'), messageId: 'second' })
    await sender.close()
    await untilRunning(2)
    release()
    const executions = await settledExecutions(flow, 2)
    expect(executions.map(({ status, deliveryCount }) => `${status} ${deliveryCount}`)).toEqual(
      Array(2).fill('succeeded 1'),
    )
    expect(await filesOf('former')).toEqual(['first.json'])
    expect(await filesOf('later')).toEqual(['second.json'])
    expect(await peekQueue(flow.address)).toMatchObject([{ deliveryCount: 0 }])
    expect(await peekQueue({ ...flow.address, queueName: 'later-queue' })).toEqual([])
  })

  it('its flow can be deleted: the result is kept, and the message completed', async () => {
    const flow = await connect()
    const { engine, untilRunning, statusOf, release } = await startHolding()
    await flow.send('last')
    await untilRunning()
    await engines.db.eventFlow.delete({ where: { id: flow.flowId } })
    await engine.refreshFlow(flow.flowId)
    release()
    await waitUntil('the queue is empty', async () => (await peekQueue(flow.address)).length === 0)
    await waitUntil('its consumer is gone', () => statusOf(flow.flowId) === undefined)
    const where = { algorithmId: flow.algorithm.id }
    expect(await engines.db.execution.findMany({ where })).toMatchObject([{ status: 'succeeded', flowId: null }])
  })

  it('its algorithm can be deleted: nobody could find the result, so the message goes back, uncounted', async () => {
    const flow = await connect({ queue: { maxDeliveryCount: 1 } })
    const { engine, untilRunning, statusOf, release } = await startHolding()
    await flow.send('homeless')
    await untilRunning()
    await deleteAlgorithm(flow.algorithm.id)
    await engine.refreshAll()
    release()
    await waitUntil('its consumer is gone', () => statusOf(flow.flowId) === undefined)
    expect(await peekQueue(flow.address)).toMatchObject([{ deliveryCount: 0 }])
    expect(await engines.db.execution.count({ where: { flowId: flow.flowId } })).toBe(0)
  })
})

describe('two flows of different algorithms on one queue', () => {
  it('share its messages: each is run and won by one of them', async () => {
    const flow = await connect()
    const algorithm = await makeAlgorithmRow(engines.db)
    await publishRow(engines.db, algorithm.id)
    const other = await connectFlow(engines.db, algorithm, flow.address)
    const { inputs, untilState } = await start((input) => input)
    await Promise.all([flow.flowId, other.id].map((id) => untilState(id, 'receiving')))
    const sent = Array.from({ length: 60 }, (_, number) => String(number))
    const sender = connectServiceBus(flow.address.connectionString)
    await Promise.all(sent.map((body) => sender.send(flow.address.queueName, { body: Buffer.from(body) })))
    await sender.close()
    await waitUntil('the queue is empty', async () => (await peekQueue(flow.address)).length === 0)
    const winners = await engines.db.execution.findMany({
      where: { flowId: { in: [flow.flowId, other.id] }, winningSequenceNumber: { not: null } },
    })
    expect(winners.map(({ inputPreview }) => inputPreview).sort()).toEqual(sent.toSorted())
    expect(inputs.toSorted()).toEqual(sent.toSorted())
    expect(new Set(winners.map(({ flowId }) => flowId)).size).toBe(2)
  })
})

async function deleteAlgorithm(id: string): Promise<void> {
  await engines.db.version.deleteMany({ where: { algorithmId: id } })
  await engines.db.build.deleteMany({ where: { algorithmId: id } })
  await engines.db.algorithm.delete({ where: { id } })
}
