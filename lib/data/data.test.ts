import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '@/lib/context'
import type { ReadAccess } from '@/lib/generated/prisma/enums'
import { type LiveTopic, subscribeLive } from '@/lib/live/bus'
import { setStorage, storage } from '@/lib/storage/current'
import { fileSystemStorage } from '@/lib/storage/file-system'
import { newStorageKey } from '@/lib/storage/key'
import type { Storage } from '@/lib/storage/port'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { createCollection } from './commands/create-collection'
import { deleteCollection } from './commands/delete-collection'
import { deleteFile } from './commands/delete-file'
import { putFile } from './commands/put-file'
import { sweepObjects } from './commands/sweep-objects'
import { updateReadAccess } from './commands/update-read-access'
import { getFile, openFile } from './files'
import { previewFile, tryPreview } from './preview'
import { browseFiles, getCollection, listCollections, listFiles, listOwners } from './queries'
import { startSweeper } from './sweeper'

let database: TestDatabase
let ezra: TestUser
let other: TestUser
let filesRoot: string

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  setStorage(undefined)
  await database.close()
})

let collection: string
let runs = 0

beforeEach(async () => {
  runs++
  filesRoot = join(database.dataDirectory, `files-${runs}`)
  setStorage(fileSystemStorage(filesRoot))
  ezra = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
  collection = `Notes_${runs}`
  await createCollection(ezra.ctx, { name: collection })
})

describe('a collection', () => {
  it('is made in one’s own account, under .my or the name, and read by one’s algorithms', async () => {
    await createCollection(ezra.ctx, { owner: ezra.account.name, name: 'Second' })
    const { collections, owner } = await listCollections(ezra.ctx, { owner: '.my' })
    expect(collections.map(({ name, readAccess, fileCount }) => ({ name, readAccess, fileCount }))).toEqual([
      { name: collection, readAccess: 'my_algorithms', fileCount: 0 },
      { name: 'Second', readAccess: 'my_algorithms', fileCount: 0 },
    ])
    expect(owner).toMatchObject({ name: ezra.account.name, isMine: true })
    expect(await audited(ezra)).toContainEqual(['collection.create', `data://${ezra.account.name}/Second`])
  })

  it('is refused under a name that is taken or can not be, and in another’s account', async () => {
    await expect(createCollection(ezra.ctx, { name: collection })).rejects.toMatchObject({ code: 'conflict' })
    await expect(createCollection(ezra.ctx, { name: '../x' })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: { name: expect.stringContaining('letters') },
    })
    await expect(createCollection(other.ctx, { owner: ezra.account.name, name: 'X' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('is made once when two make it at the same time', async () => {
    const made = await Promise.allSettled([1, 2, 3, 4].map(() => createCollection(ezra.ctx, { name: 'Race' })))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is deleted when empty, or with its files by force; nothing stays in storage', async () => {
    await put(ezra.ctx, 'a.txt', 'a')
    await put(ezra.ctx, 'b.txt', 'b')
    const path = { owner: '.my', collection }
    await expect(deleteCollection(ezra.ctx, path)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('2 files'),
    })
    expect(await deleteCollection(ezra.ctx, { ...path, force: true })).toEqual({ deletedFiles: 2 })
    await expect(getCollection(ezra.ctx, path)).rejects.toMatchObject({ code: 'not_found' })
    expect(storedFiles()).toEqual([])
    expect(await audited(ezra)).toContainEqual(['collection.delete', `data://${ezra.account.name}/${collection}`])
  })

  it('refuses changes by others: not found while they can not see it, forbidden once they can', async () => {
    const path = { owner: ezra.account.name, collection }
    const changes = [
      () => put(other.ctx, 'x.txt', 'x', ezra.account.name),
      () => deleteCollection(other.ctx, { ...path, force: true }),
      () => updateReadAccess(other.ctx, { ...path, readAccess: 'public' }),
      () => deleteFile(other.ctx, { ...path, file: 'a.txt' }),
    ]
    await put(ezra.ctx, 'a.txt', 'a')
    for (const change of changes) await expect(change()).rejects.toMatchObject({ code: 'not_found' })
    await updateReadAccess(ezra.ctx, { owner: '.my', collection, readAccess: 'public' })
    for (const change of changes) await expect(change()).rejects.toMatchObject({ code: 'forbidden' })
    expect(await read(ezra.ctx, 'a.txt')).toBe('a')
    expect(storedFiles()).toHaveLength(1)
  })
})

describe('read access', () => {
  /** What each reader gets of a collection with each setting (reference: 5.3). */
  const table: [ReadAccess, Record<string, boolean>][] = [
    ['private', { owner: true, stranger: false, foreignAlgorithm: false, ownersAlgorithm: false, calledByOwner: true }],
    [
      'my_algorithms',
      { owner: true, stranger: false, foreignAlgorithm: false, ownersAlgorithm: true, calledByOwner: true },
    ],
    ['public', { owner: true, stranger: true, foreignAlgorithm: true, ownersAlgorithm: true, calledByOwner: true }],
  ]

  it.each(table)('%s', async (readAccess, expected) => {
    const algorithm = (caller: TestUser, algorithmOwner: TestUser): Context => ({
      actor: {
        kind: 'algorithm',
        accountId: caller.account.id,
        name: 'x/Y',
        algorithmId: '00000000-0000-7000-8000-000000000000',
        algorithmOwnerId: algorithmOwner.account.id,
        dataRight: 'read_write',
      },
    })
    const readers: Record<string, Context> = {
      owner: ezra.ctx,
      stranger: other.ctx,
      foreignAlgorithm: algorithm(other, other),
      ownersAlgorithm: algorithm(other, ezra),
      calledByOwner: algorithm(ezra, other),
    }
    await put(ezra.ctx, 'a.txt', 'a')
    await updateReadAccess(ezra.ctx, { owner: '.my', collection, readAccess })
    const path = { owner: ezra.account.name, collection }
    for (const [reader, ctx] of Object.entries(readers)) {
      const attempts = [
        () => getCollection(ctx, path),
        () => listFiles(ctx, path),
        () => browseFiles(ctx, path),
        () => getFile(ctx, { ...path, file: 'a.txt' }),
        () => previewFile(ctx, { ...path, file: 'a.txt' }),
        () => listCollections(ctx, path),
      ]
      for (const attempt of attempts) {
        if (expected[reader]) await attempt()
        else await expect(attempt(), reader).rejects.toMatchObject({ code: 'not_found' })
      }
    }
  })

  it('lets an algorithm write for its caller, never for its owner', async () => {
    const ctx: Context = {
      actor: {
        kind: 'algorithm',
        accountId: other.account.id,
        name: 'x/Y',
        algorithmId: '00000000-0000-7000-8000-000000000000',
        algorithmOwnerId: ezra.account.id,
        dataRight: 'read_write',
      },
    }
    await createCollection(ctx, { name: 'Mine' })
    await putFile(ctx, { owner: '.my', collection: 'Mine', file: 'a', body: Buffer.from('a') })
    expect((await listFiles(other.ctx, { owner: '.my', collection: 'Mine' })).files).toHaveLength(1)
    await expect(put(ctx, 'a', 'a', ezra.account.name)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('is capped by an API key', async () => {
    const key = (data: 'read_write' | 'read' | 'none'): Context => ({
      actor: {
        kind: 'api-key',
        keyId: '00000000-0000-7000-8000-000000000001',
        accountId: ezra.account.id,
        name: 'key',
        permissions: { algorithms: 'full', data, canManage: false },
      },
    })
    const called = (dataRight: 'read' | 'none'): Context => ({
      actor: {
        kind: 'algorithm',
        accountId: ezra.account.id,
        name: 'x/Y',
        algorithmId: '00000000-0000-7000-8000-000000000000',
        algorithmOwnerId: other.account.id,
        dataRight,
      },
    })
    await put(key('read_write'), 'a.txt', 'a')
    expect(await read(key('read'), 'a.txt')).toBe('a')
    await expect(put(key('read'), 'b.txt', 'b')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(createCollection(key('read'), { name: 'X' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(read(key('none'), 'a.txt')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(listOwners(key('none'))).rejects.toMatchObject({ code: 'forbidden' })
    expect((await getCollection(key('read'), { owner: '.my', collection })).mayWrite).toBe(false)

    expect(await read(called('read'), 'a.txt')).toBe('a')
    await expect(put(called('read'), 'b.txt', 'b')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(read(called('none'), 'a.txt')).rejects.toMatchObject({ code: 'not_found' })
    await updateReadAccess(ezra.ctx, { owner: '.my', collection, readAccess: 'public' })
    expect(await read(called('none'), 'a.txt')).toBe('a')
  })
})

describe('a file', () => {
  it('is stored with size, type and checksum, and read back', async () => {
    await put(ezra.ctx, 'some-new-file.txt', 'file contents to store')
    const file = await getFile(ezra.ctx, { owner: '.my', collection, file: 'some-new-file.txt' })
    expect(file).toMatchObject({
      sizeBytes: 22,
      contentType: 'text/plain',
      uri: `data://${ezra.account.name}/${collection}/some-new-file.txt`,
      checksum: createHash('sha256').update('file contents to store').digest('hex'),
    })
    expect(await read(ezra.ctx, 'some-new-file.txt')).toBe('file contents to store')
  })

  it('tells the pages that show it', async () => {
    const heard: LiveTopic[] = []
    const { id } = await getCollection(ezra.ctx, { owner: '.my', collection })
    const stop = subscribeLive(new Set<LiveTopic>([`collection:${id}`]), (topic) => heard.push(topic))
    await put(ezra.ctx, 'a.txt', 'a')
    await put(ezra.ctx, 'a.txt', 'b')
    await deleteFile(ezra.ctx, { owner: '.my', collection, file: 'a.txt' })
    stop()
    expect(heard).toHaveLength(3)
  })

  it('is replaced by the next of its name; only the newest bytes stay in storage', async () => {
    await put(ezra.ctx, 'a.txt', 'first')
    const before = await getFile(ezra.ctx, { owner: '.my', collection, file: 'a.txt' })
    const reader = await openFile(ezra.ctx, { owner: '.my', collection, file: 'a.txt' })
    await put(ezra.ctx, 'a.txt', 'second')
    expect(await text(reader.body)).toBe('first')
    expect(await read(ezra.ctx, 'a.txt')).toBe('second')
    const after = await getFile(ezra.ctx, { owner: '.my', collection, file: 'a.txt' })
    expect(after.id).toBe(before.id)
    expect(after.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime())
    expect(storedFiles()).toEqual([after.storageKey])
    expect(await audited(ezra)).toContainEqual(['file.replace', after.uri])
  })

  it('keeps the former bytes when a new upload breaks off', async () => {
    await put(ezra.ctx, 'a.txt', 'kept')
    const body = new PassThrough()
    const upload = putFile(ezra.ctx, { owner: '.my', collection, file: 'a.txt', body })
    body.write('half of someth')
    body.destroy(new Error('gone'))
    await expect(upload).rejects.toThrow('gone')
    expect(await read(ezra.ctx, 'a.txt')).toBe('kept')
    expect(storedFiles()).toHaveLength(1)
  })

  it('written by many at once is one of them, whole, and leaves nothing else', async () => {
    const contents = Array.from({ length: 12 }, (_, index) => `${index}`.repeat(5_000))
    const readers: Promise<string>[] = []
    await put(ezra.ctx, 'a.txt', contents[0] ?? '')
    const writes = contents.map(async (content) => {
      await put(ezra.ctx, 'a.txt', content)
      readers.push(read(ezra.ctx, 'a.txt'))
    })
    await Promise.all(writes)
    for (const seen of await Promise.all(readers)) expect(contents).toContain(seen)
    expect(contents).toContain(await read(ezra.ctx, 'a.txt'))
    expect(storedFiles()).toHaveLength(1)
  })

  it('written and deleted at once is there whole or gone, with nothing left over', async () => {
    const path = { owner: '.my', collection, file: 'a.txt' }
    const work = Array.from({ length: 20 }, (_, index) =>
      index % 2 ? put(ezra.ctx, 'a.txt', `content ${index}`) : deleteFile(ezra.ctx, path).catch(expectNotFound),
    )
    await Promise.all(work)
    const { files } = await listFiles(ezra.ctx, path)
    expect(storedFiles()).toHaveLength(files.length)
    if (files.length > 0) expect(await read(ezra.ctx, 'a.txt')).toMatch(/^content \d+$/)
  })

  it('uploaded while its collection is deleted leaves no object behind', async () => {
    const body = new PassThrough()
    const upload = putFile(ezra.ctx, { owner: '.my', collection, file: 'a.txt', body })
    body.write('half')
    await expect.poll(() => storedFiles().length).toBe(1)
    await deleteCollection(ezra.ctx, { owner: '.my', collection })
    body.end()
    await expect(upload).rejects.toMatchObject({ code: 'not_found' })
    expect(storedFiles()).toEqual([])
  })

  it('with an odd name keeps it', async () => {
    for (const name of ['a b+c%20.txt', 'Ünïcödé 😀', '..x', 'quote\'"\\', '-rf', 'con']) {
      await put(ezra.ctx, name, name)
      expect(await read(ezra.ctx, name)).toBe(name)
    }
    await expect(put(ezra.ctx, '..', 'x')).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(put(ezra.ctx, 'a/b', 'x')).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('is not readable by another account', async () => {
    await put(ezra.ctx, 'a.txt', 'a')
    await expect(read(other.ctx, 'a.txt', ezra.account.name)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('whose bytes are lost says what to do', async () => {
    await put(ezra.ctx, 'a.txt', 'a')
    await storage().delete((await getFile(ezra.ctx, { owner: '.my', collection, file: 'a.txt' })).storageKey ?? '')
    await expect(read(ezra.ctx, 'a.txt')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Upload the file again'),
    })
  })
})

describe('lists', () => {
  it('page by marker at 1,000 and show each file once', async () => {
    const { id } = await getCollection(ezra.ctx, { owner: '.my', collection })
    const names = Array.from({ length: 2_100 }, (_, index) => `file-${String(index).padStart(5, '0')} é`)
    await database.db.dataFile.createMany({
      data: names.map((name) => ({
        collectionId: id,
        name,
        sizeBytes: 1n,
        contentType: 'text/plain',
        checksum: '',
        storageKey: newStorageKey(),
      })),
    })
    const seen: string[] = []
    const pageSizes: number[] = []
    let marker: string | undefined
    do {
      const page = await listFiles(ezra.ctx, { owner: '.my', collection, marker })
      pageSizes.push(page.files.length)
      seen.push(...page.files.map(({ name }) => name))
      marker = page.nextMarker ?? undefined
    } while (marker)
    expect(pageSizes).toEqual([1000, 1000, 100])
    expect(seen.sort()).toEqual(names)
    await expect(listFiles(ezra.ctx, { owner: '.my', collection, marker: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    const last = await browseFiles(ezra.ctx, { owner: '.my', collection, page: 999 })
    expect(last).toMatchObject({ total: 2_100, page: 42 })
    expect(last.files).toHaveLength(50)
  })

  it('search parts of names, letter case aside, wildcards as they are', async () => {
    for (const name of ['Report_1.txt', 'report-2.txt', '100%.txt']) await put(ezra.ctx, name, 'x')
    const found = async (search: string) =>
      (await browseFiles(ezra.ctx, { owner: '.my', collection, search })).files.map(({ name }) => name).sort()
    expect(await found('REPORT')).toEqual(['Report_1.txt', 'report-2.txt'])
    expect(await found('t_')).toEqual(['Report_1.txt'])
    expect(await found('%')).toEqual(['100%.txt'])
    expect(await found('\\')).toEqual([])
  })

  it('show one’s own account first and nothing of accounts that are not there', async () => {
    expect(await listOwners(ezra.ctx)).toMatchObject([
      { name: ezra.account.name, isMine: true, uri: 'data://.my', collectionCount: 1 },
    ])
    await expect(listCollections(ezra.ctx, { owner: 'nobody' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(listCollections(other.ctx, { owner: ezra.account.name })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('a preview', () => {
  const preview = async (name: string, body: Uint8Array | string) => {
    await put(ezra.ctx, name, body)
    return (await previewFile(ezra.ctx, { owner: '.my', collection, file: name })).preview
  }

  it('shows text, and the start of a long one without a split character', async () => {
    expect(await preview('a.txt', 'file contents to store')).toEqual({
      kind: 'text',
      text: 'file contents to store',
      isTruncated: false,
    })
    const long = await preview('long', `a${'é'.repeat(50_000)}`)
    expect(long).toEqual({ kind: 'text', text: `a${'é'.repeat(32_767)}`, isTruncated: true })
  })

  it('of a file that is gone, or whose bytes are, is a sentence', async () => {
    const path = { owner: '.my', collection, file: 'a.txt' }
    expect(await tryPreview(ezra.ctx, path)).toEqual({ problem: 'a.txt is not in this collection any more.' })
    await put(ezra.ctx, 'a.txt', 'a')
    await storage().delete((await getFile(ezra.ctx, path)).storageKey ?? '')
    expect(await tryPreview(ezra.ctx, path)).toEqual({ problem: expect.stringContaining('missing in storage') })
  })

  it('says what it can not show', async () => {
    expect(await preview('empty', '')).toEqual({ kind: 'empty' })
    expect(await preview('a.bin', Buffer.from([1, 2, 0xff, 0]))).toEqual({ kind: 'binary' })
    expect(await preview('a.txt', Buffer.from('text with a \0 in it'))).toEqual({ kind: 'binary' })
    expect(await preview('a.png', Buffer.from([0x89, 0x50]))).toEqual({ kind: 'image', contentType: 'image/png' })
    expect(await preview('a.svg', '<svg onload="alert(1)"/>')).toMatchObject({ kind: 'text' })
  })
})

describe('the sweeper', () => {
  it('removes objects that no file names and keeps all others', async () => {
    const admin = await makeUserContext(database.db, { isAdmin: true })
    await put(ezra.ctx, 'a.txt', 'a')
    await storage().put(newStorageKey(), Buffer.from('left by a crash'))
    expect(await sweepObjects(admin.ctx)).toEqual({ objects: 0, partials: 0 })
    expect(await sweepObjects(admin.ctx, { minAgeMs: -1_000 })).toEqual({ objects: 1, partials: 0 })
    expect(await read(ezra.ctx, 'a.txt')).toBe('a')
    await expect(sweepObjects(ezra.ctx)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('runs by itself until it is stopped', async () => {
    await put(ezra.ctx, 'a.txt', 'a')
    const folder = join(filesRoot, 'ab')
    mkdirSync(folder, { recursive: true })
    const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000)
    for (const name of ['abcdef00', '.partial-left']) {
      writeFileSync(join(folder, name), 'left by a crash')
      utimesSync(join(folder, name), longAgo, longAgo)
    }
    const stop = startSweeper({ firstAfterMs: 1, everyMs: 60_000 })
    await expect.poll(storedFiles).toHaveLength(1)
    await stop()
    expect(await read(ezra.ctx, 'a.txt')).toBe('a')
  })

  it('comes after a deletion that storage refused', async () => {
    await put(ezra.ctx, 'a.txt', 'a')
    const real = storage()
    const refusing: Storage = { ...real, delete: () => Promise.reject(new Error('refused')) }
    setStorage(refusing)
    await deleteFile(ezra.ctx, { owner: '.my', collection, file: 'a.txt' })
    setStorage(real)
    expect(storedFiles()).toHaveLength(1)
    const admin = await makeUserContext(database.db, { isAdmin: true })
    expect(await sweepObjects(admin.ctx, { minAgeMs: -1_000 })).toEqual({ objects: 1, partials: 0 })
    expect(storedFiles()).toEqual([])
  })
})

function put(ctx: Context, file: string, body: string | Uint8Array, owner = '.my') {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return putFile(ctx, { owner, collection, file, body: Readable.from([bytes]) })
}

async function read(ctx: Context, file: string, owner = '.my'): Promise<string> {
  const { body } = await openFile(ctx, { owner, collection, file })
  return String(await buffer(body))
}

/** Keys of what lies in storage, half-written files too. */
function storedFiles(): string[] {
  try {
    return readdirSync(filesRoot, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(filesRoot.length + 1))
  } catch {
    return []
  }
}

async function audited(user: TestUser): Promise<[string, string][]> {
  const events = await database.db.auditEvent.findMany({ where: { accountId: user.account.id } })
  return events.map(({ action, targetName }) => [action, targetName])
}

function expectNotFound(error: unknown): void {
  expect(error).toMatchObject({ code: 'not_found' })
}
