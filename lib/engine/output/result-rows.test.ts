import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sweepObjects } from '@/lib/data/commands/sweep-objects'
import { MAX_INLINE_BYTES, openContents } from '@/lib/data/contents'
import { deleteObjects } from '@/lib/data/objects'
import { setStorage, storage } from '@/lib/storage/current'
import { fileSystemStorage } from '@/lib/storage/file-system'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { toRow } from '../ledger-rows'
import { writeRecords } from '../ledger-write'
import type { DeliveryRecord } from '../recorder'
import type { FlowSpec } from '../target'
import { makeRecordedFlow, messageOf } from '../testing/delivery-records'
import { takeLease } from '../testing/ledger-fixture'
import { createOutputs, dataUriOf } from './outputs'

const SMALL = Buffer.from([0x00, 0xff, 0x5c, 0x22, 0x0a, 0x80])
const LARGE = Buffer.alloc(MAX_INLINE_BYTES + 1, 0xfe)
const NO_BODY = { kind: 'bytes', bytes: Buffer.alloc(0) } as const
const outputs = createOutputs()

let database: TestDatabase
let filesRoot: string
let runs = 0

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  setStorage(undefined)
  await database.close()
})
beforeEach(() => {
  runs++
  filesRoot = join(database.dataDirectory, `files-${runs}`)
  mkdirSync(filesRoot)
  setStorage(fileSystemStorage(filesRoot))
})

async function makeFlowWithOutput() {
  const flow = await makeRecordedFlow(database.db)
  const { owner } = await database.db.collection.create({
    data: { ownerId: flow.ownerId, name: 'results' },
    select: { owner: { select: { name: true } } },
  })
  const output = { collection: `${owner.name}/results`, nameTemplate: '<messageId>' }
  const spec = { id: flow.flowId, ownerId: flow.ownerId, output } as FlowSpec
  /** A record whose result is in storage, if it is so large, as the engine leaves it there. */
  const recordOf = async (
    sequenceNumber: number,
    bytes: Buffer,
    { name, ...more }: Partial<DeliveryRecord> & { name?: string } = {},
  ) => {
    const message = { ...messageOf(sequenceNumber), messageId: name ?? `${sequenceNumber}` }
    const kept = await outputs.store(spec, { ...message, body: NO_BODY }, { type: 'binary', bytes })
    if ('obstacle' in kept) throw new Error(kept.obstacle.kind)
    return flow.record(sequenceNumber, { message, output: { file: kept.file, uri: dataUriOf(kept.file) }, ...more })
  }
  const files = () =>
    database.db.dataFile.findMany({ where: { collection: { ownerId: flow.ownerId } }, orderBy: { name: 'asc' } })
  return { ...flow, recordOf, files }
}

/** Writes them in one batch, and deletes what is told to be without a row. */
async function write(records: DeliveryRecord[]) {
  const written = await writeRecords(database.db, records.map(toRow))
  await deleteObjects(written.unnamedKeys)
  return [...written.setbacks.values()]
}

const stored = () => readdirSync(filesRoot, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())

const bytesOf = async (file: Parameters<typeof openContents>[0]) => {
  const body = await openContents(file)
  return body && (await buffer(body))
}

describe('a result', () => {
  it.each([
    ['of no bytes', 0, true],
    ['of the most bytes that a row takes', MAX_INLINE_BYTES, true],
    ['of one byte more', MAX_INLINE_BYTES + 1, false],
  ])('%s is whole, in its row or in storage', async (_, size, isInRow) => {
    const { recordOf, files } = await makeFlowWithOutput()
    const bytes = Buffer.alloc(size, 0xff)
    expect(await write([await recordOf(1, bytes)])).toEqual([])
    const [file] = await files()
    expect(file).toMatchObject({ name: '1', sizeBytes: BigInt(size), contentType: 'application/octet-stream' })
    expect([file?.storageKey === null, file?.content !== null, stored().length]).toEqual([
      isInRow,
      isInRow,
      isInRow ? 0 : 1,
    ])
    expect(file && (await bytesOf(file))?.equals(bytes)).toBe(true)
  })

  it('that takes the place of another leaves no object behind, in whichever place the two are', async () => {
    const { recordOf, files } = await makeFlowWithOutput()
    const admin = await makeUserContext(database.db, { isAdmin: true })
    const sizes = [SMALL, LARGE, LARGE, SMALL, SMALL]
    for (const [number, bytes] of sizes.entries()) {
      await write([await recordOf(number + 1, bytes, { name: 'same' })])
      const [file, ...others] = await files()
      expect(others).toEqual([])
      expect(file && (await bytesOf(file))?.equals(bytes)).toBe(true)
      expect(stored()).toHaveLength(bytes === LARGE ? 1 : 0)
      expect(await sweepObjects(admin.ctx, { minAgeMs: -1_000 })).toEqual({ objects: 0, partials: 0 })
    }
  })

  it('is the last of a batch in which several have one name', async () => {
    const { recordOf, files } = await makeFlowWithOutput()
    for (const [round, sizes] of [
      [SMALL, LARGE],
      [LARGE, SMALL],
      [LARGE, SMALL, LARGE],
    ].entries()) {
      const records = sizes.map((bytes, place) => recordOf(round * 10 + place + 1, bytes, { name: 'same' }))
      expect(await write(await Promise.all(records))).toEqual([])
      const [file, ...others] = await files()
      expect(others).toEqual([])
      expect(file && (await bytesOf(file))?.equals(sizes.at(-1) as Buffer)).toBe(true)
      expect(stored()).toHaveLength(sizes.at(-1) === LARGE ? 1 : 0)
    }
  })

  it('is one of several that are written under one name at once, and no object of another stays', async () => {
    const { recordOf, files } = await makeFlowWithOutput()
    const sizes = Array.from({ length: 12 }, (_, number) => (number % 3 === 0 ? SMALL : LARGE))
    const records = await Promise.all(sizes.map((bytes, place) => recordOf(place + 1, bytes, { name: 'same' })))
    await Promise.all(records.map((record) => write([record])))
    const [file, ...others] = await files()
    expect(others).toEqual([])
    expect(file && (await bytesOf(file))?.length).toBe(Number(file?.sizeBytes))
    expect(stored()).toHaveLength(file?.storageKey === null ? 0 : 1)
  })

  it.each([
    ['small', SMALL],
    ['large', LARGE],
  ])('that is %s and lost its race, or its lease, leaves nothing', async (_, bytes) => {
    const { flowId, recordOf, files } = await makeFlowWithOutput()
    await write([await recordOf(1, SMALL, { name: 'winner' })])
    expect(await write([await recordOf(1, bytes, { name: 'loser' })])).toEqual(['lost_race'])
    await takeLease(database.db, flowId)
    expect(await write([await recordOf(2, bytes)])).toEqual(['lapsed'])
    expect((await files()).map(({ name }) => name)).toEqual(['winner'])
    expect(stored()).toEqual([])
  })

  it.each([
    ['small', SMALL],
    ['large', LARGE],
  ])('that is %s and whose algorithm is deleted leaves nothing', async (_, bytes) => {
    const { algorithmId, recordOf, files } = await makeFlowWithOutput()
    const record = await recordOf(1, bytes)
    await database.db.algorithm.delete({ where: { id: algorithmId } })
    expect(await write([record])).toEqual(['deleted'])
    expect([await files(), stored()]).toEqual([[], []])
  })

  it.each([
    ['small', SMALL],
    ['large', LARGE],
  ])('that is %s and discarded leaves nothing', async (_, bytes) => {
    const { recordOf } = await makeFlowWithOutput()
    const { output } = await recordOf(1, bytes)
    if (output) await outputs.discard(output.file)
    expect(stored()).toEqual([])
  })

  it('can not have its bytes in both places, nor in none', async () => {
    const { recordOf, files } = await makeFlowWithOutput()
    await write([await recordOf(1, SMALL)])
    const [file] = await files()
    const where = { id: file?.id as string }
    const change = (data: { storageKey?: string; content?: null }) => database.db.dataFile.update({ where, data })
    await expect(change({ storageKey: 'ab/abcdef00' })).rejects.toThrow()
    await expect(change({ content: null })).rejects.toThrow()
  })
})

describe('while storage takes nothing', () => {
  it('small results are kept, and only flows with a large one in hand wait', async () => {
    const [small, large] = [await makeFlowWithOutput(), await makeFlowWithOutput()]
    const spec = async ({ flowId, ownerId }: typeof small) => {
      const { name } = await database.db.account.findUniqueOrThrow({ where: { id: ownerId } })
      return { id: flowId, ownerId, output: { collection: `${name}/results`, nameTemplate: 'x' } } as FlowSpec
    }
    const [ofSmall, ofLarge] = [await spec(small), await spec(large)]
    const refuse = () => Promise.reject(new Error('away'))
    const real = storage()
    setStorage({ ...real, put: refuse, check: refuse })
    const store = (flow: FlowSpec, bytes: Buffer) =>
      outputs.store(flow, { ...messageOf(1), body: NO_BODY }, { type: 'binary', bytes })
    expect(await store(ofLarge, LARGE)).toMatchObject({ obstacle: { kind: 'storage_away' } })
    expect(await store(ofSmall, SMALL)).toHaveProperty('file')
    expect(await outputs.hindrance(ofSmall)).toBeNull()
    expect(await outputs.hindrance(ofLarge)).toMatchObject({ kind: 'storage_away' })
    setStorage(real)
    expect(await outputs.hindrance(ofLarge)).toBeNull()
  })
})
