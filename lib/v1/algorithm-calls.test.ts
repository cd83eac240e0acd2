import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApiKey } from '@/lib/api-keys/commands'
import { createCollection } from '@/lib/data/commands/create-collection'
import { openFile } from '@/lib/data/files'
import { callAlgorithm } from '@/lib/executions/commands/call-algorithm'
import { answerWorker } from '@/lib/host/worker-api'
import { setCurrentRuntime } from '@/lib/runtime/current'
import { startTestRuntime, type TestRuntime } from '@/lib/runtime/testing/test-runtime'
import { setStorage, storage } from '@/lib/storage/current'
import { fileSystemStorage } from '@/lib/storage/file-system'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { resolveEndpoint } from '@/lib/versions/resolve'
import { type ApiServer, makeApiKey, startApiServer } from './testing/api-server'
import { type CallAnswer, officialClient } from './testing/official-client'

/** One algorithm for all: the input says what it does. */
const SOURCE = `
import sys, time
import Algorithmia
from Algorithmia import ADK

def apply(input):
    if isinstance(input, (bytes, bytearray)):
        return bytes(reversed(input))
    if isinstance(input, str):
        return "hello " + input
    if not isinstance(input, dict):
        return input
    if input.get("raise"):
        print("about to fail")
        raise ValueError("no such luck")
    if input.get("sleep"):
        time.sleep(input["sleep"])
    if input.get("print"):
        print("printed")
        sys.stderr.write("complained\\n")
    if input.get("put"):
        client = Algorithmia.client()
        file = client.file(input["put"])
        file.put("file contents to store" * input.get("times", 1))
        return {"exists": file.exists(), "text": file.getString()}
    return input

algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

let database: TestDatabase
let runtime: TestRuntime
let server: ApiServer
let ezra: TestUser
let other: TestUser
let key: string
let algorithmId: string
let endpoint: string

beforeAll(async () => {
  database = await testDatabase()
  setStorage(fileSystemStorage(join(database.dataDirectory, 'files')))
  runtime = await startTestRuntime({ api: answerWorker })
  setCurrentRuntime(runtime)
  server = await startApiServer()
  ezra = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
  key = await makeApiKey(ezra)
  algorithmId = await publishEcho()
  endpoint = `${ezra.account.name}/Echo`
})
afterAll(async () => {
  await server.close()
  setCurrentRuntime(undefined)
  await runtime.close()
  setStorage(undefined)
  await database.close()
})

describe('the JavaScript client 0.3.10', () => {
  const pipe = (input: unknown, path = endpoint) =>
    new Promise<CallAnswer>((resolve) => officialClient(key, server.address).algo(path).pipe(input).then(resolve))

  it('pipes text, JSON and binary', async () => {
    const text = await pipe('foo')
    expect(text.get()).toBe('hello foo')
    expect(text).toMatchObject({ status: 200, metadata: { content_type: 'text', duration: expect.any(Number) } })
    expect((await pipe({ a: [1, { b: null }] })).get()).toEqual({ a: [1, { b: null }] })
    expect((await pipe(null)).get()).toBe(null)
    const bytes = randomBytes(70_000)
    expect((await pipe(bytes)).get()).toEqual(Buffer.from(bytes).reverse())
  })

  it('takes each way to write the endpoint', async () => {
    const paths = [`algo://${endpoint}`, `${endpoint}/`, `${endpoint}/1.0.0`, `${endpoint}/1.0.x`, algorithmId]
    for (const path of [...paths, `${algorithmId}/1.0.0`]) {
      expect((await pipe('foo', path)).result, path).toBe('hello foo')
    }
  })

  it('hears of an algorithm’s error with status 200 and the stack trace', async () => {
    const failed = await pipe({ raise: true })
    expect(failed.status).toBe(200)
    expect(failed.error).toMatchObject({ message: 'no such luck', error_type: 'AlgorithmError' })
    expect(failed.error?.stacktrace).toContain('raise ValueError')
    expect(() => failed.get()).toThrow('no such luck')
  })

  it('hears that there is no such algorithm, or none for this caller', async () => {
    const missing = await pipe('foo', 'nobody/Nothing')
    expect(missing).toMatchObject({ status: 404, error: { message: 'algorithm algo://nobody/Nothing not found' } })
    const hidden = await pipe('foo', randomUUID())
    expect(hidden.status).toBe(404)
  })
})

describe('POST /v1/algo', () => {
  const call = async (body: BodyInit | null, options: { path?: string; type?: string; user?: TestUser } = {}) => {
    const { path = endpoint, type = 'application/json', user } = options
    const headers = { Authorization: user ? await makeApiKey(user) : key, 'Content-Type': type }
    return fetch(`${server.address}/v1/algo/${path}`, { method: 'POST', headers, body })
  }

  it('gives back the bytes of a JSON result as they are', async () => {
    const answer = await (await call('[12345678901234567890, 1.0]')).text()
    expect(answer).toMatch(/^\{"result":\[12345678901234567890, 1\.0\],"metadata":\{"content_type":"json","duration":/)
    expect(JSON.parse(answer).request_id).toMatch(/^req-[0-9a-f-]{36}$/)
  })

  it('takes JSON over several lines, and charsets', async () => {
    expect(await (await call('{\n "a":\r\n 1\n}')).json()).toMatchObject({ result: { a: 1 } })
    const text = await call('hällo', { type: 'text/plain;charset=UTF-8' })
    expect(await text.json()).toMatchObject({ result: 'hello hällo' })
  })

  it('answers bare with output=raw, errors by status', async () => {
    const json = await call('{"a": 1}', { path: `${endpoint}?output=raw` })
    expect([json.headers.get('content-type'), await json.text()]).toEqual(['application/json', '{"a": 1}'])
    const binary = await call(Buffer.from([1, 2]), { path: `${endpoint}?output=raw`, type: 'application/octet-stream' })
    expect([...new Uint8Array(await binary.arrayBuffer())]).toEqual([2, 1])
    const failed = await call('{"raise":true}', { path: `${endpoint}?output=raw` })
    expect(failed.status).toBe(400)
    expect(await failed.json()).toMatchObject({ error: { message: 'no such luck' } })
  })

  it('answers at once with output=void and records the run later', async () => {
    const answer = (await (await call('"void"', { path: `${endpoint}?output=void` })).json()) as { request_id: string }
    expect(answer).toMatchObject({ async: 'void', request_id: expect.stringMatching(/^req-/) })
    const id = answer.request_id.slice('req-'.length)
    await expect.poll(() => database.db.execution.count({ where: { id, status: 'succeeded' } })).toBe(1)
  })

  it('shows what was printed to the owner who asks for it', async () => {
    const body = '{"print":true}'
    const path = `${endpoint}?stdout=True`
    expect(await (await call(body, { path })).json()).toMatchObject({
      metadata: { stdout: expect.stringMatching(/printed.*complained/s) },
    })
    const without = (await (await call(body)).json()) as CallAnswer
    expect(without.metadata.stdout).toBeUndefined()
    const foreign = (await (await call(body, { path, user: other })).json()) as CallAnswer
    expect(foreign.metadata.stdout).toBeUndefined()
  })

  it('shows the stack trace to who may read the source', async () => {
    const foreign = async () => (await (await call('{"raise":true}', { user: other })).json()) as CallAnswer
    expect((await foreign()).error).toEqual({ message: 'no such luck', error_type: 'AlgorithmError' })
    await database.db.algorithm.update({ where: { id: algorithmId }, data: { sourceVisibility: 'open' } })
    expect((await foreign()).error).toMatchObject({ stack_trace: expect.stringContaining('raise ValueError') })
  })

  it('ends a run at its timeout', async () => {
    const answer = await call('{"sleep":30}', { path: `${endpoint}?timeout=1` })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ error: { error_type: 'TimeoutError' } })
  })

  it.each([
    ['an unknown type', '<a/>', 'application/xml', '', 415, 'Content-Type'],
    ['what is not JSON', '{"a":', 'application/json', '', 400, 'not JSON'],
    ['JSON that would break the line', '1}\n{"id":"x"', 'application/json', '', 400, 'not JSON'],
    ['JSON with parts of the line', '1,"data":2', 'application/json', '', 400, 'not JSON'],
    ['what is not JSON where the bare result is wanted', '[NaN]', 'application/json', '?output=raw', 400, 'not JSON'],
    ['an input above the limit', Buffer.alloc(10 * 1024 * 1024 + 1, 'a'), 'text/plain', '', 413, '10 MiB'],
    ['a timeout of nothing', '1', 'application/json', '?timeout=0', 400, 'timeout'],
    ['a timeout without end', '1', 'application/json', '?timeout=3001', 400, 'timeout'],
  ])('refuses %s', async (_, body, type, query, status, text) => {
    const answer = await call(body, { path: endpoint + query, type })
    expect(answer.status).toBe(status)
    const { error } = (await answer.json()) as CallAnswer
    expect(error?.message).toContain(text)
  })

  it('says why an input is not JSON and what to do; where nobody hears it, the execution says so', async () => {
    const answer = await call('{"a": nothing}')
    expect([answer.status, ((await answer.json()) as CallAnswer).error]).toEqual([
      400,
      {
        message: 'The input is not JSON: Expecting value. For text send Content-Type: text/plain.',
        error_type: 'UnusableInput',
      },
    ])
    await call('{"a": nobody}', { path: `${endpoint}?output=void` })
    const executions = () => database.db.execution.findMany({ where: { errorType: 'UnusableInput' } })
    await expect.poll(executions).toMatchObject([{ inputType: 'text', inputPreview: '{"a": nobody}' }])
  })

  it('is refused to a key without access to algorithms', async () => {
    const access = { label: 'data only', algorithmAccess: 'none', dataAccess: 'read_write' } as const
    const headers = { Authorization: (await createApiKey(ezra.ctx, access)).key, 'Content-Type': 'application/json' }
    const answer = await fetch(`${server.address}/v1/algo/${endpoint}`, { method: 'POST', headers, body: '1' })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('may not call') } })
  })

  it('is the only method', async () => {
    const answer = await fetch(`${server.address}/v1/algo/${endpoint}`, { headers: { Authorization: key } })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('the ledger', () => {
  it('holds a call with its input, result, log and caller', async () => {
    const { executionId } = await callAlgorithm(ezra.ctx, {
      endpoint,
      payload: { type: 'json', bytes: Buffer.from('{"print":true}') },
      timeoutMs: 10_000,
      source: 'console',
    })
    const row = await database.db.execution.findUniqueOrThrow({ where: { id: executionId }, include: { log: true } })
    expect(row).toMatchObject({
      source: 'console',
      status: 'succeeded',
      algorithmId,
      callerId: ezra.account.id,
      inputType: 'json',
      inputPreview: '{"print":true}',
      inputBytes: 14,
      resultType: 'json',
      resultPreview: '{"print": true}',
      resultBytes: 15,
      errorMessage: null,
      log: { stdout: expect.stringContaining('printed'), stderr: expect.stringContaining('complained') },
    })
    expect(row.durationMs).toBeGreaterThan(0)
    expect(row.finishedAt?.getTime()).toBeGreaterThanOrEqual(row.startedAt.getTime())
  })

  it('holds a failure with its error, and previews of what is large or binary', async () => {
    const failed = await callAlgorithm(ezra.ctx, {
      endpoint,
      payload: { type: 'json', bytes: Buffer.from('{"raise":true}') },
      timeoutMs: 10_000,
      source: 'api',
    })
    expect(await rowOf(failed.executionId)).toMatchObject({
      status: 'failed',
      errorType: 'AlgorithmError',
      errorMessage: 'no such luck',
      errorStack: expect.stringContaining('raise ValueError'),
      resultType: null,
    })
    const bytes = randomBytes(100_000)
    const large = await callAlgorithm(ezra.ctx, {
      endpoint,
      payload: { type: 'binary', bytes },
      timeoutMs: 10_000,
      source: 'api',
    })
    const row = await rowOf(large.executionId)
    expect(row).toMatchObject({ inputBytes: 100_000, resultBytes: 100_000, resultType: 'binary' })
    expect(Buffer.from(row.inputPreview, 'base64')).toEqual(bytes.subarray(0, 65_536))
    const kept = await database.db.executionPayload.findMany({
      where: { executionId: row.id },
      orderBy: { part: 'asc' },
    })
    expect(kept).toMatchObject([
      { part: 'input', sizeBytes: 100_000 },
      { part: 'result', sizeBytes: 100_000 },
    ])
    expect(await buffer(await storage().get(kept[0]?.storageKey ?? ''))).toEqual(bytes)
  })

  it('takes one statement, beside one for the key and one for the version', async () => {
    const call = () => {
      const headers = { Authorization: key, 'Content-Type': 'application/json' }
      return fetch(`${server.address}/v1/algo/${endpoint}`, { method: 'POST', headers, body: '1' })
    }
    // The first call of a minute notes the use of the key, and reads settings.
    await call()
    const query = vi.spyOn(pg.Client.prototype, 'query')
    try {
      expect((await call()).status).toBe(200)
      expect(query).toHaveBeenCalledTimes(3)
    } finally {
      query.mockRestore()
    }
  })

  it('that refuses a row does not cost the caller the result', async () => {
    const resolved = await resolveEndpoint(ezra.ctx, endpoint)
    const { executionId, invocation } = await callAlgorithm(ezra.ctx, {
      resolved: { ...resolved, versionId: randomUUID() },
      payload: { type: 'text', bytes: Buffer.from('foo') },
      timeoutMs: 10_000,
      source: 'api',
    })
    expect(invocation).toMatchObject({ ok: true })
    expect(await database.db.execution.count({ where: { id: executionId } })).toBe(0)
  })

  const rowOf = (id: string) => database.db.execution.findUniqueOrThrow({ where: { id } })
})

describe('inside an algorithm', () => {
  it('the Python client puts a file into the caller’s collection', async () => {
    await createCollection(ezra.ctx, { name: 'TestingSBEventFlow' })
    const { invocation } = await callAlgorithm(ezra.ctx, {
      endpoint,
      payload: { type: 'json', bytes: Buffer.from('{"put":"data://.my/TestingSBEventFlow/some-new-file.txt"}') },
      timeoutMs: 20_000,
      source: 'console',
    })
    expect(invocation.ok ? String(invocation.result.bytes) : invocation.error).toBe(
      '{"exists": true, "text": "file contents to store"}',
    )
    const path = { owner: '.my', collection: 'TestingSBEventFlow', file: 'some-new-file.txt' }
    expect((await openFile(ezra.ctx, path)).file.sizeBytes).toBe(22)
  })

  it('a large upload that is refused ends with the reason, not with a hang', async () => {
    const input = { put: 'data://.my/Missing/big.txt', times: 200_000 }
    const { invocation } = await callAlgorithm(ezra.ctx, {
      endpoint,
      payload: { type: 'json', bytes: Buffer.from(JSON.stringify(input)) },
      timeoutMs: 20_000,
      source: 'console',
    })
    expect(invocation).toMatchObject({ ok: false, error: { message: expect.stringContaining('is not there') } })
  })

  it('a key without access to data does not gain it by a call, nor does another key lend its worker', async () => {
    const input = JSON.stringify({ put: 'data://.my/TestingSBEventFlow/by-key.txt' })
    const post = async (dataAccess: 'read_write' | 'none') => {
      const { key } = await createApiKey(ezra.ctx, { label: dataAccess, algorithmAccess: 'full', dataAccess })
      const headers = { Authorization: key, 'Content-Type': 'application/json' }
      return (await fetch(`${server.address}/v1/algo/${endpoint}`, { method: 'POST', headers, body: input })).json()
    }
    expect(await post('read_write')).toMatchObject({ result: { exists: true } })
    expect(await post('none')).toMatchObject({ error: { message: expect.stringContaining('may not write data') } })
  })

  it('a stranger’s call may not write into the owner’s collection', async () => {
    const path = `data://${ezra.account.name}/TestingSBEventFlow/stolen.txt`
    const { invocation } = await callAlgorithm(other.ctx, {
      endpoint,
      payload: { type: 'json', bytes: Buffer.from(JSON.stringify({ put: path })) },
      timeoutMs: 20_000,
      source: 'console',
    })
    expect(invocation).toMatchObject({ ok: false, error: { message: expect.stringContaining('Only the owner') } })
  })
})

/** A published public version 1.0.0 of `Echo`, as a build leaves it. */
async function publishEcho(): Promise<string> {
  const environment = await database.db.environment.create({
    data: {
      name: 'python3',
      displayName: 'Python 3',
      language: 'python',
      interpreterPath: runtime.interpreterPath,
      exactVersion: '3',
    },
  })
  const { id } = await database.db.algorithm.create({
    data: { ownerId: ezra.account.id, name: 'Echo', label: 'Echo', environmentId: environment.id },
  })
  const commitSha = randomBytes(20).toString('hex')
  await runtime.addVersion(SOURCE, { algorithmId: id, commitSha })
  await database.db.commit.create({ data: { algorithmId: id, sha: commitSha, message: 'first', authorName: 'ezra' } })
  const build = await database.db.build.create({ data: { algorithmId: id, commitSha, status: 'succeeded' } })
  await database.db.version.create({
    data: { algorithmId: id, buildId: build.id, major: 1, minor: 0, revision: 0, callability: 'public' },
  })
  return id
}
