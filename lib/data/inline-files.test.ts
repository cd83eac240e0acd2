import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setStorage, storage } from '@/lib/storage/current'
import { fileSystemStorage } from '@/lib/storage/file-system'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { createCollection } from './commands/create-collection'
import { deleteCollection } from './commands/delete-collection'
import { deleteFile } from './commands/delete-file'
import { putFile } from './commands/put-file'
import { sweepObjects } from './commands/sweep-objects'
import { downloadResponse, fileResponse } from './file-response'
import { getFile, openFile } from './files'
import { previewFile } from './preview'
import { browseFiles, listFiles } from './queries'

const BINARY = Buffer.from([0x00, 0xff, 0x30, 0x31, 0x80, 0x0a])

let database: TestDatabase
let ezra: TestUser
let filesRoot: string
let collectionId: string
let runs = 0

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  setStorage(undefined)
  await database.close()
})
beforeEach(async () => {
  runs++
  filesRoot = join(database.dataDirectory, `files-${runs}`)
  setStorage(fileSystemStorage(filesRoot))
  ezra = await makeUserContext(database.db)
  collectionId = (await createCollection(ezra.ctx, { name: 'Results' })).id
})

const pathOf = (file: string) => ({ owner: '.my', collection: 'Results', file })
const sha256 = (bytes: Buffer<ArrayBuffer>) => createHash('sha256').update(bytes).digest('hex')

/** A row as the engine writes it for a small result; in place of one of the same name. */
async function keepInRow(name: string, bytes: Buffer<ArrayBuffer>) {
  const version = { sizeBytes: BigInt(bytes.length), checksum: sha256(bytes), storageKey: null, content: bytes }
  await database.db.dataFile.upsert({
    where: { collectionId_name: { collectionId, name } },
    create: { collectionId, name, contentType: 'application/octet-stream', ...version },
    update: version,
  })
}

const upload = (name: string, text: string) =>
  putFile(ezra.ctx, { ...pathOf(name), body: Readable.from([Buffer.from(text)]) })

const read = async (name: string) => buffer((await openFile(ezra.ctx, pathOf(name))).body)

const ask = (name: string, headers: Record<string, string> = {}) =>
  fileResponse(ezra.ctx, pathOf(name), new Request('http://x/', { headers }))

const bodyOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

function storedFiles(): string[] {
  try {
    const entries = readdirSync(filesRoot, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  } catch {
    return []
  }
}

describe('a file whose bytes are in its row', () => {
  it('is read as any other, whole and in part', async () => {
    await keepInRow('a.bin', BINARY)
    expect((await read('a.bin')).equals(BINARY)).toBe(true)
    const whole = await ask('a.bin')
    expect([whole.status, whole.headers.get('content-length'), whole.headers.get('etag')]).toEqual([
      200,
      '6',
      `"${sha256(BINARY)}"`,
    ])
    expect((await bodyOf(whole)).equals(BINARY)).toBe(true)
    for (const [range, start, end] of [
      ['bytes=1-3', 1, 4],
      ['bytes=0-0', 0, 1],
      ['bytes=4-', 4, 6],
      ['bytes=-2', 4, 6],
      ['bytes=2-99', 2, 6],
    ] as const) {
      const part = await ask('a.bin', { Range: range })
      expect([part.status, part.headers.get('content-range')], range).toEqual([206, `bytes ${start}-${end - 1}/6`])
      expect((await bodyOf(part)).equals(BINARY.subarray(start, end)), range).toBe(true)
    }
    expect((await ask('a.bin', { Range: 'bytes=6-' })).status).toBe(416)
    const download = await downloadResponse(ezra.ctx, pathOf('a.bin'), new Request('http://x/'))
    expect((await bodyOf(download)).equals(BINARY)).toBe(true)
  })

  it('may be empty', async () => {
    await keepInRow('empty', Buffer.alloc(0))
    expect(await read('empty')).toHaveLength(0)
    const response = await ask('empty')
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '0'])
    expect(await bodyOf(response)).toHaveLength(0)
    expect((await previewFile(ezra.ctx, pathOf('empty'))).preview).toEqual({ kind: 'empty' })
  })

  it('is previewed and listed; what is not asked for its bytes does not carry them', async () => {
    await keepInRow('a.txt', Buffer.from('{"é":1}'))
    expect((await previewFile(ezra.ctx, pathOf('a.txt'))).preview).toEqual({
      kind: 'text',
      text: '{"é":1}',
      isTruncated: false,
    })
    const [listed] = (await listFiles(ezra.ctx, pathOf(''))).files
    const [browsed] = (await browseFiles(ezra.ctx, pathOf(''))).files
    const details = await getFile(ezra.ctx, pathOf('a.txt'))
    const opened = await openFile(ezra.ctx, pathOf('a.txt'))
    for (const seen of [listed, browsed, details, opened.file]) {
      expect(seen).toMatchObject({ name: 'a.txt', sizeBytes: 8 })
      expect(seen).not.toHaveProperty('content')
    }
  })

  it('is read while storage is away', async () => {
    await keepInRow('a.bin', BINARY)
    setStorage({ ...storage(), get: () => Promise.reject(new Error('away')) })
    expect((await read('a.bin')).equals(BINARY)).toBe(true)
  })

  it('is replaced by an upload, and an upload by it; no object stays that no row names', async () => {
    const admin = await makeUserContext(database.db, { isAdmin: true })
    await keepInRow('a.txt', BINARY)
    const reader = await openFile(ezra.ctx, pathOf('a.txt'))
    await upload('a.txt', 'uploaded')
    expect(String(await read('a.txt'))).toBe('uploaded')
    expect((await buffer(reader.body)).equals(BINARY)).toBe(true)
    expect(storedFiles()).toHaveLength(1)
    const replacements = await database.db.auditEvent.count({
      where: { accountId: ezra.account.id, action: 'file.replace' },
    })
    expect(replacements).toBe(1)
    const { storageKey } = await getFile(ezra.ctx, pathOf('a.txt'))
    await keepInRow('a.txt', BINARY)
    expect(await sweepObjects(admin.ctx, { minAgeMs: -1_000 })).toEqual({ objects: 1, partials: 0 })
    expect((await read('a.txt')).equals(BINARY)).toBe(true)
    await expect(storage().get(storageKey ?? '')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('written by uploads and by the engine at once is one of them, whole, and leaves nothing else', async () => {
    await keepInRow('a.txt', Buffer.from('first'))
    const writes = Array.from({ length: 10 }, (_, index) => upload('a.txt', `uploaded ${index}`))
    const results = Array.from({ length: 10 }, (_, index) => replaceAsEngine('a.txt', Buffer.from(`result ${index}`)))
    await Promise.all([...writes, ...results])
    expect(String(await read('a.txt'))).toMatch(/^(uploaded|result) \d$/)
    const { storageKey } = await getFile(ezra.ctx, pathOf('a.txt'))
    expect(storedFiles()).toEqual(storageKey === null ? [] : [storageKey.slice(3)])
  })

  it('is deleted alone and with its collection', async () => {
    await keepInRow('a.bin', BINARY)
    await keepInRow('b.bin', BINARY)
    await upload('c.txt', 'c')
    await deleteFile(ezra.ctx, pathOf('a.bin'))
    await expect(read('a.bin')).rejects.toMatchObject({ code: 'not_found' })
    expect(await deleteCollection(ezra.ctx, { ...pathOf(''), force: true })).toEqual({ deletedFiles: 2 })
    expect(storedFiles()).toEqual([])
  })
})

/** As the record does: it keeps the row while it replaces it, and deletes the object that the row named. */
async function replaceAsEngine(name: string, bytes: Buffer<ArrayBuffer>): Promise<void> {
  const formerKey = await database.db.$transaction(async (tx) => {
    const [former] = await tx.$queryRaw<{ storageKey: string | null }[]>`
      SELECT "storageKey" FROM "DataFile" WHERE "collectionId" = ${collectionId}::uuid AND name = ${name} FOR UPDATE`
    await tx.dataFile.update({
      where: { collectionId_name: { collectionId, name } },
      data: { checksum: sha256(bytes), sizeBytes: BigInt(bytes.length), storageKey: null, content: bytes },
    })
    return former?.storageKey
  })
  if (formerKey) await storage().delete(formerKey)
}
