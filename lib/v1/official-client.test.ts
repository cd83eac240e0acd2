import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCollection } from '@/lib/data/commands/create-collection'
import { setStorage } from '@/lib/storage/current'
import { fileSystemStorage } from '@/lib/storage/file-system'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { type ApiServer, makeApiKey, startApiServer } from './testing/api-server'
import {
  type Answer,
  answer,
  type OfficialClient,
  officialClient,
  type RemoteDirectory,
} from './testing/official-client'

let database: TestDatabase
let server: ApiServer
let ezra: TestUser
let key: string
let client: OfficialClient
let runs = 0
let collection: string

beforeAll(async () => {
  database = await testDatabase()
  setStorage(fileSystemStorage(join(database.dataDirectory, 'files')))
  server = await startApiServer()
})
afterAll(async () => {
  setStorage(undefined)
  await server.close()
  await database.close()
})

beforeEach(async () => {
  ezra = await makeUserContext(database.db)
  key = await makeApiKey(ezra)
  client = officialClient(key, server.address)
  collection = `Notes_${++runs}`
  await createCollection(ezra.ctx, { name: collection })
})

describe('the JavaScript client 0.3.10', () => {
  it('puts, gets, finds and deletes a file', async () => {
    const file = client.file(`data://.my/${collection}/some-new-file.txt`)
    expect(await new Promise((done) => file.exists(done))).toBe(false)
    const stored = await answer<Answer>((done) => file.put('file contents to store', done))
    expect(stored).toEqual({
      body: { result: `data://${ezra.account.name}/${collection}/some-new-file.txt` },
      status: 200,
    })
    expect(await new Promise((done) => file.exists(done))).toBe(true)
    expect(await answer<string>((done) => file.getString(done))).toEqual({
      body: 'file contents to store',
      status: 200,
    })
    const deleted = await answer<Answer>((done) => file.delete(done))
    expect(JSON.stringify(deleted.body)).toBe('{"result":{"deleted":1}}')
    expect(await new Promise((done) => file.exists(done))).toBe(false)
  })

  it('gets back text, JSON and binary as what they are', async () => {
    const directory = client.dir(`data://${ezra.account.name}/${collection}`)
    await answer<Answer>((done) => directory.file('a.txt').putString('hällo', done))
    expect((await answer<string>((done) => directory.file('a.txt').getString(done))).body).toBe('hällo')
    await answer<Answer>((done) => directory.file('a.json').putJson('{"a":[1,2]}', done))
    expect((await answer<unknown>((done) => directory.file('a.json').getJson(done))).body).toEqual({ a: [1, 2] })
    const bytes = Buffer.from([0, 1, 254, 255])
    await answer<Answer>((done) => directory.file('a.bin').put(bytes, done))
    const got = await new Promise<Buffer | null>((done) => directory.file('a.bin').get((_, data) => done(data)))
    expect(got).toEqual(bytes)
  })

  it('makes, finds, lists and deletes a directory', async () => {
    const directory = client.dir('data://.my/Made_by_client')
    expect(await new Promise((done) => directory.exists(done))).toBe(false)
    expect(await answer<Answer>((done) => directory.create(done))).toEqual({
      body: { result: `data://${ezra.account.name}/Made_by_client` },
      status: 200,
    })
    const again = await answer<Answer>((done) => directory.create(done))
    expect(again.status).toBe(400)
    expect(again.body.error?.message).toContain('exists already')
    expect(await new Promise((done) => directory.exists(done))).toBe(true)
    for (const name of ['one', 'two']) await answer<Answer>((done) => directory.file(name).put(name, done))
    const listed = await listAll(directory)
    expect(listed).toEqual(['.my/Made_by_client/one', '.my/Made_by_client/two'])
    expect(await listAll(client.dir('data://.my'))).toEqual([`.my/Made_by_client`, `.my/${collection}`])
    const refused = await answer<Answer>((done) => directory.delete(false, done))
    expect(refused.status).toBe(409)
    expect(refused.body.error).toMatchObject({ message: expect.stringContaining('not empty'), deleted: 0 })
    const deleted = await answer<Answer>((done) => directory.delete(true, done))
    expect(deleted).toEqual({ body: { result: { deleted: 2 } }, status: 200 })
    const empty = await answer<Answer>((done) => client.dir(`data://.my/${collection}`).delete(true, done))
    expect(JSON.stringify(empty.body)).toBe('{"result":{"deleted":1}}')
  })

  it('walks a directory of more than a page', async () => {
    const { id } = await database.db.collection.findFirstOrThrow({ where: { name: collection } })
    const names = Array.from({ length: 1_100 }, (_, index) => `file-${String(index).padStart(4, '0')}`)
    await database.db.dataFile.createMany({
      data: names.map((name, index) => ({
        collectionId: id,
        name,
        sizeBytes: 1n,
        contentType: 'text/plain',
        checksum: '',
        storageKey: `00/${index.toString(16).padStart(8, '0')}`,
      })),
    })
    const listed = await listAll(client.dir(`data://.my/${collection}`))
    expect(listed).toEqual(names.map((name) => `.my/${collection}/${name}`))
  })

  it('hears why something failed', async () => {
    const stranger = await makeUserContext(database.db)
    const other = officialClient(await makeApiKey(stranger), server.address)
    const path = `data://${ezra.account.name}/${collection}/a.txt`
    await answer<Answer>((done) => client.file(path).put('a', done))
    const refused = await answer<Answer>((done) => other.file(path).put('b', done))
    expect(refused.status).toBe(404)
    expect(refused.body.error?.message).toContain('is not there')
    const [, status, body] = await new Promise<unknown[]>((done) => other.file(path).exists((...all) => done(all)))
    expect(status).toBe(404)
    expect((body as Answer).error?.message).toContain('is not there')
    const unknown = officialClient(`sim${'x'.repeat(25)}`, server.address)
    const unauthorized = await answer<Answer>((done) => unknown.file(path).delete(done))
    expect(unauthorized).toEqual({ body: { error: { message: 'authorization required' } }, status: 401 })
  })
})

describe('keys', () => {
  it.each([
    ['Simple KEY', (value: string) => `Simple ${value}`],
    ['the bare key', (value: string) => value],
    ['Bearer KEY', (value: string) => `Bearer ${value}`],
  ])('are taken as %s', async (_, header) => {
    const response = await fetch(`${server.address}/v1/data/.my`, { headers: { Authorization: header(key) } })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ folders: [{ name: collection }] })
  })

  it('are needed', async () => {
    const response = await fetch(`${server.address}/v1/connector/data/.my`)
    expect(response.status).toBe(401)
    expect(await response.text()).toBe('{"error":{"message":"authorization required"}}')
  })
})

async function listAll(directory: RemoteDirectory): Promise<string[]> {
  const iterator = directory.iterator()
  const paths: string[] = []
  for (;;) {
    const item = await new Promise<{ data_path: string } | undefined>((resolve, reject) =>
      iterator.next((error, found) => (error ? reject(error) : resolve(found))),
    )
    if (!item) return paths
    paths.push(item.data_path)
  }
}
