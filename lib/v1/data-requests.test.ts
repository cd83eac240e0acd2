import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCollection } from '@/lib/data/commands/create-collection'
import { setStorage, storage } from '@/lib/storage/current'
import { fileSystemStorage } from '@/lib/storage/file-system'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { type ApiServer, makeApiKey, startApiServer } from './testing/api-server'

let database: TestDatabase
let server: ApiServer
let filesRoot: string
let ezra: TestUser
let key: string

beforeAll(async () => {
  database = await testDatabase()
  filesRoot = join(database.dataDirectory, 'files')
  server = await startApiServer()
})
afterAll(async () => {
  await server.close()
  setStorage(undefined)
  await database.close()
})
beforeEach(async () => {
  setStorage(fileSystemStorage(filesRoot))
  ezra = await makeUserContext(database.db)
  key = await makeApiKey(ezra)
  await createCollection(ezra.ctx, { name: 'Notes' })
})

/** `path` stands behind `/v1/`. */
function ask(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  const init = { method, headers: { Authorization: key, ...headers }, ...(body !== undefined && { body }) }
  return fetch(`${server.address}/v1/${path}`, init)
}

describe('paths', () => {
  it.each([
    ['connector/data/.my/Notes/a%20b.txt', 'a b.txt'],
    ['data/.my/Notes/a%20b.txt', 'a b.txt'],
    ['data/.my%2FNotes%2Fa+b.txt', 'a b.txt'],
    ['data/.my/Notes/a+b.txt', 'a+b.txt'],
    ['data/data://.my/Notes/plain.txt', 'plain.txt'],
    ['data/.my/Notes/plain.txt/', 'plain.txt'],
    ['data/.my/Notes/100%.txt', '100%.txt'],
    ['data/.my/Notes/100%%20b.txt', '100% b.txt'],
    ['data/.my/Notes/%E2%82%AC.txt', '€.txt'],
  ])('%s names %s', async (path, name) => {
    const stored = await ask('PUT', path, 'x')
    expect(await stored.json()).toEqual({ result: `data://${ezra.account.name}/Notes/${name}` })
    expect(await (await ask('GET', path)).text()).toBe('x')
  })

  it.each([
    ['data/.my%2FNotes%2F..', 400, 'names a folder'],
    ['data/.my%2F..%2F..%2Fetc%2Fpasswd', 400, 'no folders'],
    ['data/.my/Notes/a/b', 400, 'no folders'],
    ['data/.my/Notes/a%2Fb', 400, 'no folders'],
    ['data/.my/Notes/a%00b', 400, 'NUL'],
    ['connector/s3/bucket/a', 404, 'only hosted data'],
    ['data/s3://bucket/a', 404, 'only hosted data'],
    ['data/dropbox+label://a', 404, 'only hosted data'],
    ['nothing/here', 404, 'nothing at'],
  ])('%s is refused', async (path, status, text) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await ask(method, path, method === 'PUT' ? 'x' : undefined)
      expect([method, answer.status]).toEqual([method, status])
      expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining(text) } })
    }
  })
})

describe('listings', () => {
  it('name the owner first at the root, collections below it, files in them', async () => {
    await ask('PUT', 'data/.my/Notes/a.txt', 'abc')
    const root = await ask('GET', 'data/')
    expect(root.headers.get('x-data-type')).toBe('directory')
    expect(await root.json()).toEqual({ folders: [{ name: ezra.account.name }] })
    expect(await (await ask('GET', 'connector/data')).json()).toEqual({ folders: [{ name: ezra.account.name }] })
    expect(await (await ask('GET', `data/${ezra.account.name}/`)).json()).toEqual({ folders: [{ name: 'Notes' }] })
    const listed = (await (await ask('GET', 'data/.my/Notes?acl=true')).json()) as {
      files: { last_modified: string }[]
    }
    expect(listed).toEqual({
      files: [{ filename: 'a.txt', size: 3, last_modified: expect.any(String) }],
      acl: { read: ['algo://.my/*'] },
    })
    expect(listed.files[0]?.last_modified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('leave out what is empty', async () => {
    expect(await (await ask('GET', 'data/.my/Notes')).json()).toEqual({})
  })

  it('refuse a marker that they did not give', async () => {
    expect((await ask('GET', 'data/.my/Notes?marker=%F0%9F%98%80')).status).toBe(400)
  })
})

describe('collections', () => {
  it('are made with an access list, or by the bare name', async () => {
    const withAcl = await ask('POST', 'data/.my', '{"name":"Open","acl":{"read":["user://*"]}}')
    expect([withAcl.status, await withAcl.text()]).toEqual([200, `{"result":"data://${ezra.account.name}/Open"}`])
    const bare = await ask('POST', `data/${ezra.account.name}`, 'Bare', { 'Content-Type': 'text/plain' })
    expect(await bare.json()).toEqual({ result: `data://${ezra.account.name}/Bare` })
    const goStyle = await ask('POST', 'data/.my', '{"name":"Closed","acl":{"read":null}}')
    expect(goStyle.status).toBe(200)
    const aclOf = async (name: string) =>
      (await (await ask('GET', `data/.my/${name}?acl=true`)).json()) as { acl: unknown }
    expect((await aclOf('Open')).acl).toEqual({ read: ['user://*'] })
    expect((await aclOf('Bare')).acl).toEqual({ read: ['algo://.my/*'] })
    expect((await aclOf('Closed')).acl).toEqual({ read: [] })
  })

  it.each([
    ['{"name":"Notes"}', 'exists already'],
    ['{"name":"no good"}', 'letters'],
    ['{"nom":"X"}', 'fields'],
    ['{"name":', 'not JSON'],
    ['{"name":"X","acl":{"read":["user://ezra"]}}', 'ACL'],
  ])('are refused for %s', async (body, text) => {
    const answer = await ask('POST', 'data/.my', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining(text) } })
  })

  it('change their access list by PATCH, with an empty answer', async () => {
    const stranger = await makeApiKey(await makeUserContext(database.db))
    const path = `data/${ezra.account.name}/Notes`
    expect((await ask('GET', path, undefined, { Authorization: stranger })).status).toBe(404)
    const answer = await ask('PATCH', path, '{"acl":{"read":["user://*"]}}')
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect((await ask('GET', path, undefined, { Authorization: stranger })).status).toBe(200)
    const foreign = await ask('PATCH', path, '{"acl":{"read":[]}}', { Authorization: stranger })
    expect(foreign.status).toBe(403)
  })
})

describe('files', () => {
  it('tell HEAD what they are, and why not', async () => {
    await ask('PUT', 'data/.my/Notes/a.txt', 'abc')
    const file = await ask('HEAD', 'data/.my/Notes/a.txt')
    expect([file.status, file.headers.get('x-data-type'), file.headers.get('content-length')]).toEqual([
      200,
      'file',
      '3',
    ])
    const directory = await ask('HEAD', `data/${ezra.account.name}/`)
    expect([directory.status, directory.headers.get('x-data-type')]).toEqual([200, 'directory'])
    const missing = await ask('HEAD', 'data/.my/Notes/b.txt')
    expect([missing.status, missing.headers.get('x-error-message')]).toEqual([
      404,
      'data://.my/Notes/b.txt is not there, or you may not see it.',
    ])
    expect(await missing.text()).toBe('')
  })

  it('come back with their type, harmless to a browser', async () => {
    await ask('PUT', 'data/.my/Notes/a.html', '<script>alert(1)</script>', { 'Content-Type': 'text/html' })
    const { headers } = await ask('GET', 'data/.my/Notes/a.html')
    expect(headers.get('content-type')).toBe('text/html')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain('sandbox')
  })

  it('come back in part', async () => {
    await ask('PUT', 'data/.my/Notes/a.txt', '0123456789')
    const part = await ask('GET', 'data/.my/Notes/a.txt', undefined, { Range: 'bytes=2-4' })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234'])
    const beyond = await ask('GET', 'data/.my/Notes/a.txt', undefined, { Range: 'bytes=20-' })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10'])
  })

  it('of many megabytes stream through, in and out', async () => {
    const bytes = randomBytes(24 * 1024 * 1024)
    const stored = await ask('PUT', 'data/.my/Notes/big.bin', bytes)
    expect(stored.status).toBe(200)
    const got = Buffer.from(await (await ask('GET', 'data/.my/Notes/big.bin')).arrayBuffer())
    expect(got.equals(bytes)).toBe(true)
  })

  it('whose upload breaks off are not there, and leave nothing', async () => {
    const before = partials().length
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1')
    socket.write(
      `PUT /v1/data/.my/Notes/half.bin HTTP/1.1\r\nHost: x\r\nAuthorization: ${key}\r\nContent-Length: 1000000\r\n\r\n`,
    )
    socket.write(randomBytes(100_000))
    await expect.poll(() => partials().length).toBe(before + 1)
    socket.destroy()
    await expect.poll(() => partials().length).toBe(before)
    expect((await ask('GET', 'data/.my/Notes/half.bin')).status).toBe(404)
  })

  it('refused before their body is read leave the connection usable', async () => {
    for (let round = 0; round < 3; round++) {
      const refused = await ask('PUT', 'data/.my/Missing/a.bin', randomBytes(3_000_000))
      expect(refused.status).toBe(404)
    }
    expect((await ask('GET', 'data/.my/Notes')).status).toBe(200)
  })

  it('refused to a client that sends all before it reads are refused in words', async () => {
    const size = 8_000_000
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1')
    const answered = text(socket)
    const head = `PUT /v1/data/.my/Missing/a HTTP/1.1\r\nHost: x\r\nAuthorization: ${key}\r\nConnection: close\r\n`
    socket.write(`${head}Content-Length: ${size}\r\n\r\n`)
    await new Promise<void>((sent, failed) => {
      socket.write(randomBytes(size), (error) => (error ? failed(error) : sent()))
    })
    expect(await answered).toMatch(/^HTTP\/1\.1 404.*is not there/s)
  })

  it('that can not be stored for an unknown reason answer with an id for the log', async () => {
    const real = storage()
    setStorage(fileSystemStorage('/dev/null/not-a-folder'))
    const answer = await ask('PUT', 'data/.my/Notes/a.txt', 'x')
    setStorage(real)
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('its log has more under') } })
  })
})

function partials(): string[] {
  return (readdirSync(filesRoot, { recursive: true }) as string[]).filter((name) => name.includes('.partial-'))
}
