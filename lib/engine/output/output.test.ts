import { writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_INLINE_BYTES, openContents } from '@/lib/data/contents'
import { fileNameProblem } from '@/lib/data/uri'
import { setStorage, storage } from '@/lib/storage/current'
import { storageFailure } from '@/lib/storage/failure'
import { connectServiceBus } from '../broker/service-bus'
import type { ConnectedFlow } from '../testing/engine-fixture'
import { settledExecutions, testEngines } from '../testing/test-engines'
import { waitUntil } from '../testing/wait-until'

const engines = testEngines()
const { connect, start } = engines

afterEach(() => setStorage(undefined))

/** A flow whose results go to the collection `results` of its owner, which is there or not. */
async function connectWithOutput(options: { isThere?: boolean; queue?: { maxDeliveryCount: number } } = {}) {
  const { db } = engines
  const flow = await connect(options.queue ? { queue: options.queue } : {})
  const owner = await db.account.findUniqueOrThrow({ where: { id: flow.algorithm.ownerId } })
  const make = () => db.collection.create({ data: { ownerId: owner.id, name: 'results' } })
  if (options.isThere ?? true) await make()
  await flow.change({ outputCollection: `${owner.name}/results` })
  const files = () => db.dataFile.findMany({ where: { collection: { ownerId: owner.id } }, orderBy: { name: 'asc' } })
  return { ...flow, ownerName: owner.name, make, files }
}

describe('a flow with an output collection', () => {
  it('leaves what the algorithm returns in a file named after the message', async () => {
    const flow = await connectWithOutput()
    await start((input) => ({ doubled: JSON.parse(input).n * 2 }))
    await flow.send('{"n":21}', { messageId: 'order-7' })
    const [execution] = await settledExecutions(flow, 1)
    expect(execution).toMatchObject({
      status: 'succeeded',
      outputPath: `data://${flow.ownerName}/results/order-7.json`,
      recordedAt: expect.any(Date),
    })
    const [file] = await flow.files()
    expect(file).toMatchObject({ name: 'order-7.json', contentType: 'application/json', sizeBytes: 14n })
    expect(await contentsOf(file)).toBe('{"doubled":42}')
  })

  it('names a file after whatever id a sender thinks of, one for each', async () => {
    const flow = await connectWithOutput()
    await start((input) => input)
    const ids = ['../up', 'a/b', 'a\\b', 'a_b', 'line\nfeed', '注文 42 ✓', '.', 'x'.repeat(128), '', 'CON:']
    for (const [number, messageId] of ids.entries()) await flow.send(String(number), { messageId })
    const executions = await settledExecutions(flow, ids.length)
    expect(executions.map(({ status }) => status)).toEqual(ids.map(() => 'succeeded'))
    const files = await flow.files()
    expect(new Set(files.map(({ name }) => name)).size).toBe(ids.length)
    expect(files.map(({ name }) => fileNameProblem(name))).toEqual(ids.map(() => undefined))
    const contents = await Promise.all(files.map(contentsOf))
    expect(contents.sort()).toEqual(ids.map((_, number) => JSON.stringify(String(number))).sort())
  })

  it('leaves nothing of a run that failed, and one file of a message that succeeded at last', async () => {
    const flow = await connectWithOutput()
    let runs = 0
    await start(() => {
      runs += 1
      if (runs < 3) throw new Error('not yet')
      return runs
    })
    await flow.send('{}', { messageId: 'late' })
    const executions = await settledExecutions(flow, 3)
    expect(executions.map(({ outputPath }) => outputPath !== null)).toEqual([false, false, true])
    expect((await flow.files()).map(({ name }) => name)).toEqual(['late.json'])
  })

  it('replaces the file of an earlier message with the same id, and removes the former bytes', async () => {
    const flow = await connectWithOutput()
    await start((input) => padded(input))
    await flow.send('first', { messageId: 'same' })
    await settledExecutions(flow, 1)
    const [first] = await flow.files()
    await flow.send('second', { messageId: 'same' })
    await settledExecutions(flow, 2)
    const [file, ...others] = await flow.files()
    expect(others).toEqual([])
    expect(await contentsOf(file)).toBe(JSON.stringify(padded('second')))
    await waitUntil('the former bytes are gone', () =>
      storage()
        .get(first?.storageKey as string)
        .then((stream) => void stream.destroy())
        .then(
          () => false,
          () => true,
        ),
    )
  })

  it('says that its collection is missing, holds its messages without a run, and goes on when it is there', async () => {
    const flow = await connectWithOutput({ isThere: false, queue: { maxDeliveryCount: 1 } })
    const { untilState, inputs } = await start(() => 'ran')
    const status = await untilState(flow.flowId, 'misconfigured')
    expect(status.reason).toContain(`The collection data://${flow.ownerName}/results for results is not there`)
    await flow.send('patient')
    await waitUntil('it is in hand', async () => (await inHand(flow, untilState)) === 1)
    expect(inputs).toEqual([])
    await flow.make()
    expect(await settledExecutions(flow, 1)).toMatchObject([{ status: 'succeeded', deliveryCount: 1 }])
    await untilState(flow.flowId, 'receiving')
    expect(await flow.files()).toHaveLength(1)
  })

  it("does not write into another account's collection", async () => {
    const flow = await connectWithOutput()
    const other = await connectWithOutput()
    await flow.change({ outputCollection: `${other.ownerName}/results` })
    const { untilState } = await start(() => 'ran')
    await untilState(flow.flowId, 'misconfigured')
    await flow.send('not there')
    expect(await other.files()).toEqual([])
  })

  it('keeps the result in hand, without another run, when the collection goes away while it runs', async () => {
    const flow = await connectWithOutput({ queue: { maxDeliveryCount: 1 } })
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { untilState, inputs } = await start(() => released)
    await flow.send('in work')
    await waitUntil('it runs', () => inputs.length === 1)
    await engines.db.collection.deleteMany({ where: { ownerId: flow.algorithm.ownerId } })
    release()
    await untilState(flow.flowId, 'misconfigured')
    expect(await flow.executions()).toEqual([])
    await flow.make()
    expect(await settledExecutions(flow, 1)).toMatchObject([{ status: 'succeeded', deliveryCount: 1 }])
    expect(inputs).toEqual(['in work'])
  })

  it('accounts for every message when the disk for results was full for a while', async () => {
    const flow = await connectWithOutput({ queue: { maxDeliveryCount: 1 } })
    const { untilState, statusOf, inputs } = await start((input) => padded(input))
    await untilState(flow.flowId, 'receiving')
    const disk = storage()
    const full = () =>
      writeFile('/dev/full', 'x').catch((error: unknown) => {
        throw storageFailure(error)
      })
    setStorage({ ...disk, put: async () => (await full()) as never, check: full })
    const sent = Array.from({ length: 40 }, (_, number) => String(number))
    const sender = connectServiceBus(flow.address.connectionString)
    for (const number of sent) {
      await sender.send(flow.address.queueName, { body: Buffer.from(number), messageId: number })
    }
    await sender.close()
    const status = await untilState(flow.flowId, 'misconfigured')
    expect(status.reason).toMatch(/Results can not be written\..*disk/)
    await waitUntil('its slots are taken', () => statusOf(flow.flowId)?.inFlight.length === 16)
    expect(await flow.executions()).toEqual([])
    setStorage(undefined)
    const executions = await settledExecutions(flow, 40)
    expect(executions.map(({ status, deliveryCount }) => `${status} ${deliveryCount}`)).toEqual(
      Array(40).fill('succeeded 1'),
    )
    expect((await flow.files()).map(({ name }) => name).sort()).toEqual(sent.map((number) => `${number}.json`).sort())
    // Each ran once: the results that had no room were kept in hand.
    expect(inputs).toHaveLength(40)
  })
})

it('the file of two messages of one name is the last one’s, however long the first one’s takes', async () => {
  const flow = await connectWithOutput()
  const disk = storage()
  const put: typeof disk.put = async (...args) => {
    await sleep(150)
    return disk.put(...args)
  }
  setStorage({ ...disk, put, get: (key) => disk.get(key), delete: (keys) => disk.delete(keys) })
  await start((input) => (input === 'first' ? padded(input) : input), { slots: 1 })
  for (const body of ['first', 'second']) await flow.send(body, { messageId: 'same' })
  await settledExecutions(flow, 2)
  const [file, ...others] = await flow.files()
  expect(await contentsOf(file)).toBe('"second"')
  expect(others).toEqual([])
})

/** Too large for a row, so that it needs the disk. */
const padded = (input: string) => input.padEnd(MAX_INLINE_BYTES + 1, '.')

async function contentsOf(file: Parameters<typeof openContents>[0] | undefined): Promise<string | null> {
  const body = file ? await openContents(file) : null
  return body && text(body)
}

async function inHand(flow: ConnectedFlow, until: Awaited<ReturnType<typeof start>>['untilState']): Promise<number> {
  return (await until(flow.flowId, 'misconfigured')).inFlight.length
}
