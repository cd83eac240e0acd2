import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '@/lib/api-keys/commands'
import { whenBuildsAreDone } from '@/lib/builds/queue'
import { makeAlgorithm, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { deferred } from '@/lib/testing/deferred'
import { type ApiServer, makeApiKey, startApiServer } from './testing/api-server'

let database: TestDatabase
let api: ApiServer
let owner: TestUser
let runtime: ReturnType<typeof recordRuntimeCalls>
let manager: string

const started = deferred()

beforeAll(async () => {
  database = await testDatabase()
  api = await startApiServer()
  owner = await makeUserContext(database.db)
  runtime = recordRuntimeCalls((_request, onLine, signal) => {
    onLine('Installing')
    started.resolve()
    return new Promise((resolve) => {
      const end = () => resolve({ ok: false, error: 'The build was cancelled.' })
      signal?.addEventListener('abort', end)
      if (signal?.aborted) end()
    })
  })
  const access = { algorithmAccess: 'full', dataAccess: 'none', canManage: true } as const
  manager = (await createApiKey(owner.ctx, { label: 'manager', ...access })).key
})
afterAll(async () => {
  await whenBuildsAreDone()
  runtime.end()
  await api.close()
  await database.close()
})

async function ask(method: string, path: string, key = manager) {
  const response = await fetch(`${api.address}/v1/algorithms/${path}`, {
    method,
    headers: { authorization: `Simple ${key}` },
  })
  return { status: response.status, body: await response.json() }
}

it('starts, lists, shows and cancels builds for a key that may manage', async () => {
  const { path } = await makeAlgorithm(database.db, owner.ctx, 'Remote')
  const at = `${path.owner}/${path.name}`
  const { body: build } = await ask('POST', `${at}/compile`)
  expect(build).toMatchObject({ status: 'in-progress', commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/) })
  await started.promise
  expect((await ask('GET', `${at}/builds`)).body.results).toMatchObject([{ build_id: build.build_id }])
  const cancelled = await ask('POST', `${at}/builds/${build.build_id}/cancel`)
  expect(cancelled.status).toBe(200)
  await whenBuildsAreDone()
  expect((await ask('GET', `${at}/builds/${build.build_id}`)).body).toMatchObject({
    status: 'failed',
    finished_at: expect.any(String),
  })
  expect((await ask('GET', `${at}/builds/${build.build_id}/logs`)).body.logs).toContain('Installing')
  expect((await ask('POST', `${at}/builds/${build.build_id}/cancel`)).status).toBe(409)
})

it('refuses keys that may not manage, strangers, and what is not there', async () => {
  const { path } = await makeAlgorithm(database.db, owner.ctx, 'Guarded')
  const at = `${path.owner}/${path.name}`
  expect((await ask('POST', `${at}/compile`, await makeApiKey(owner))).status).toBe(403)
  const stranger = await makeUserContext(database.db)
  expect((await ask('POST', `${at}/compile`, await makeApiKey(stranger))).status).toBe(403)
  expect((await ask('GET', `${at}/builds/not-an-id`)).status).toBe(404)
  expect((await ask('GET', `${at}/nothing`)).status).toBe(404)
})
