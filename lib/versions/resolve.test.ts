import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '@/lib/context'
import { createSecret } from '@/lib/secrets/commands'
import { makeAlgorithm, makeBuild, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { resolveEndpoint, resolveForFlow } from './resolve'

let database: TestDatabase
let owner: TestUser
let caller: TestUser
let runtime: ReturnType<typeof recordRuntimeCalls>

beforeAll(async () => {
  database = await testDatabase()
  runtime = recordRuntimeCalls()
  owner = await makeUserContext(database.db, { name: 'owner' })
  caller = await makeUserContext(database.db, { name: 'caller' })
  const mixed = await makeAlgorithm(database.db, owner.ctx, 'Mixed')
  await makeVersion(database.db, owner.ctx, mixed, { bump: 'minor' }) // 0.1.0 private
  await makeVersion(database.db, owner.ctx, mixed, { bump: 'major', callability: 'public' }) // 1.0.0 public
  await makeVersion(database.db, owner.ctx, mixed, { bump: 'minor', callability: 'public' }) // 1.1.0 public
  await makeVersion(database.db, owner.ctx, mixed, { bump: 'major', callability: 'private' }) // 2.0.0 private
  const hidden = await makeAlgorithm(database.db, owner.ctx, 'Hidden')
  await makeVersion(database.db, owner.ctx, hidden, { bump: 'minor' })
  await makeAlgorithm(database.db, owner.ctx, 'Unbuilt')
})
afterAll(async () => {
  runtime.end()
  await database.close()
})

const numberOf = async (ctx: Context, endpoint: string) => (await resolveEndpoint(ctx, endpoint)).semanticVersion

describe('an endpoint resolves', () => {
  it.each([
    ['owner/Mixed', '1.1.0'],
    ['algo://owner/Mixed/latest', '1.1.0'],
    ['owner/Mixed/1.0', '1.0.0'],
    ['owner/Mixed/1.*', '1.1.0'],
    ['owner/Mixed/1.1.0', '1.1.0'],
    ['Owner/Mixed', '1.1.0'],
  ])('%s for anybody, to %s', async (endpoint, number) => {
    expect(await numberOf(caller.ctx, endpoint)).toBe(number)
    expect(await numberOf(owner.ctx, endpoint)).toBe(number)
  })

  it.each([
    ['owner/Mixed/latestPrivate', '2.0.0'],
    ['owner/Mixed/0.1.0', '0.1.0'],
    ['owner/Hidden/0.1.0', '0.1.0'],
  ])('%s for its owner only, to %s', async (endpoint, number) => {
    expect(await numberOf(owner.ctx, endpoint)).toBe(number)
    await expect(resolveEndpoint(caller.ctx, endpoint)).rejects.toMatchObject({
      code: 'not_found',
      message: `algorithm algo://${endpoint.replace(/\/[^/]+$/, '')} not found`,
    })
  })

  it('never to a private version by a range', async () => {
    await expect(resolveEndpoint(owner.ctx, 'owner/Mixed/0.1')).rejects.toMatchObject({ code: 'not_found' })
    await expect(resolveEndpoint(owner.ctx, 'owner/Mixed/2.*')).rejects.toMatchObject({ code: 'not_found' })
  })

  it.each(['owner/Nothing', 'nobody/Mixed', 'owner/mixed', 'owner', 'owner/Mixed/9.9.9', 'owner/Mixed/not-a-version'])(
    'not: %s',
    async (endpoint) => {
      const attempt = resolveEndpoint(caller.ctx, endpoint)
      await expect(attempt).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringMatching(/^algorithm algo:\/\/.* not found$/),
      })
    },
  )

  it('with a hint for its owner when only private versions are there', async () => {
    await expect(resolveEndpoint(owner.ctx, 'owner/Hidden')).rejects.toMatchObject({
      message:
        'algorithm algo://owner/Hidden not found: it has no such public version; the newest one is owner/Hidden/0.1.0',
    })
  })

  it('to a commit that was built, for its owner, published or not', async () => {
    const unpublished = await makeAlgorithm(database.db, owner.ctx, 'Unpublished')
    const endpoint = `owner/Unpublished/${unpublished.commitSha}`
    await expect(resolveEndpoint(owner.ctx, endpoint)).rejects.toMatchObject({ code: 'not_found' })
    await makeBuild(database.db, unpublished)
    expect(await resolveEndpoint(owner.ctx, endpoint)).toMatchObject({
      versionId: null,
      semanticVersion: null,
      runnable: { commitSha: unpublished.commitSha },
    })
    await expect(resolveEndpoint(caller.ctx, endpoint)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('to what a worker needs, with the caller and the secrets', async () => {
    await createSecret(owner.ctx, {
      owner: 'owner',
      name: 'Mixed',
      environmentName: 'TOKEN',
      displayName: 'Token',
      value: 's3cret',
    })
    const { runnable, algorithm } = await resolveEndpoint(caller.ctx, 'owner/Mixed')
    expect(runnable).toMatchObject({
      algorithmId: algorithm.id,
      ownerId: owner.account.id,
      callerId: caller.account.id,
      algorithmName: 'owner/Mixed',
      language: 'python',
      interpreterPath: '/usr/bin/python3',
      networkAccess: 'full',
    })
    expect(await runnable.readSecrets()).toEqual({ TOKEN: 's3cret' })
  })
})

describe('the right to call', () => {
  it('is refused to an API key without access to algorithms', async () => {
    const permissions = { algorithms: 'none', data: 'read_write', canManage: false } as const
    const actor = { kind: 'api-key', keyId: 'k', accountId: owner.account.id, name: 'owner', permissions } as const
    await expect(resolveEndpoint({ actor }, 'owner/Mixed')).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('of an algorithm at work is its caller’s, and needs pipelining', async () => {
    const pipeline = await makeAlgorithm(database.db, owner.ctx, 'Pipeline')
    const ctx = {
      actor: {
        kind: 'algorithm',
        accountId: caller.account.id,
        name: 'owner/Pipeline',
        algorithmId: pipeline.id,
        algorithmOwnerId: owner.account.id,
        dataRight: 'read_write',
      },
    } as const
    expect(await numberOf(ctx, 'owner/Mixed')).toBe('1.1.0')
    await expect(resolveEndpoint(ctx, 'owner/Hidden/0.1.0')).rejects.toMatchObject({ code: 'not_found' })
    await database.db.algorithm.update({ where: { id: pipeline.id }, data: { pipelineEnabled: false } })
    await expect(resolveEndpoint(ctx, 'owner/Mixed')).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('an event flow', () => {
  const idOf = async (name: string) =>
    (await database.db.algorithm.findFirstOrThrow({ where: { name }, select: { id: true } })).id

  it('without a version runs the newest that its owner may call, private ones too', async () => {
    const mixed = await idOf('Mixed')
    expect((await resolveForFlow(owner.account.id, mixed, null))?.semanticVersion).toBe('2.0.0')
    expect((await resolveForFlow(caller.account.id, mixed, null))?.semanticVersion).toBe('1.1.0')
    expect((await resolveForFlow(owner.account.id, await idOf('Hidden'), null))?.semanticVersion).toBe('0.1.0')
    expect(await resolveForFlow(caller.account.id, await idOf('Hidden'), null)).toBeNull()
    expect(await resolveForFlow(owner.account.id, await idOf('Unbuilt'), null)).toBeNull()
  })

  it('with a version runs that one, as far as its owner may', async () => {
    const mixed = await idOf('Mixed')
    expect((await resolveForFlow(owner.account.id, mixed, '0.1.0'))?.semanticVersion).toBe('0.1.0')
    expect(await resolveForFlow(caller.account.id, mixed, '0.1.0')).toBeNull()
    expect(await resolveForFlow(owner.account.id, mixed, '7.7.7')).toBeNull()
    expect(await resolveForFlow(owner.account.id, mixed, 'nonsense')).toBeNull()
  })

  it('is told when the algorithm is gone', async () => {
    expect(await resolveForFlow(owner.account.id, crypto.randomUUID(), null)).toBeNull()
  })
})
