import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeAlgorithm, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { createSecret, removeSecret, updateSecret } from './commands'
import { listSecrets, readSecretValues } from './queries'
import { EnvironmentName } from './schema'

let database: TestDatabase
let owner: TestUser
let other: TestUser
let runtime: ReturnType<typeof recordRuntimeCalls>
let algorithm: Awaited<ReturnType<typeof makeAlgorithm>>
let count = 0

beforeAll(async () => {
  database = await testDatabase()
  runtime = recordRuntimeCalls()
  owner = await makeUserContext(database.db)
  other = await makeUserContext(database.db, { isAdmin: true })
})
beforeEach(async () => {
  count += 1
  algorithm = await makeAlgorithm(database.db, owner.ctx, `Secretive${count}`)
})
afterAll(async () => {
  runtime.end()
  await database.close()
})

const secret = { environmentName: 'CONNECTION_STR', displayName: 'SB connection string', value: 'Endpoint=sb://x/' }

describe('a secret', () => {
  it('reaches workers as an environment variable and nobody else', async () => {
    await createSecret(owner.ctx, { ...algorithm.path, ...secret, description: 'For the queue' })
    const listed = await listSecrets(owner.ctx, algorithm.path)
    expect(listed).toMatchObject([{ environmentName: 'CONNECTION_STR', description: 'For the queue' }])
    expect(JSON.stringify(listed)).not.toContain('Endpoint=')
    const row = await database.db.secret.findFirstOrThrow({ where: { algorithmId: algorithm.id } })
    expect(row.ciphertext).toMatch(/^v1\./)
    expect(JSON.stringify(row)).not.toContain('Endpoint=')
    expect(await readSecretValues(algorithm.id)).toEqual({ CONNECTION_STR: 'Endpoint=sb://x/' })
    expect(runtime.dropped).toContain(algorithm.id)
    const audit = await database.db.auditEvent.findFirstOrThrow({ where: { action: 'secret.create' } })
    expect(JSON.stringify(audit)).not.toContain('Endpoint=')
  })

  it('keeps its value when only its name changes, and its variable always', async () => {
    const { id } = await createSecret(owner.ctx, { ...algorithm.path, ...secret })
    await updateSecret(owner.ctx, { ...algorithm.path, secretId: id, displayName: 'Renamed', value: '' })
    expect(await readSecretValues(algorithm.id)).toEqual({ CONNECTION_STR: 'Endpoint=sb://x/' })
    await updateSecret(owner.ctx, { ...algorithm.path, secretId: id, displayName: 'Renamed', value: 'new' })
    expect(await readSecretValues(algorithm.id)).toEqual({ CONNECTION_STR: 'new' })
    expect(await listSecrets(owner.ctx, algorithm.path)).toMatchObject([{ displayName: 'Renamed' }])
    expect(runtime.dropped.filter((id) => id === algorithm.id)).toHaveLength(3)
  })

  it('is gone when it is removed', async () => {
    const { id } = await createSecret(owner.ctx, { ...algorithm.path, ...secret })
    await removeSecret(owner.ctx, { ...algorithm.path, secretId: id })
    expect(await readSecretValues(algorithm.id)).toEqual({})
    await expect(removeSecret(owner.ctx, { ...algorithm.path, secretId: id })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('has a variable of its own', async () => {
    await createSecret(owner.ctx, { ...algorithm.path, ...secret })
    await expect(createSecret(owner.ctx, { ...algorithm.path, ...secret })).rejects.toMatchObject({
      code: 'conflict',
      fields: { environmentName: expect.stringContaining('CONNECTION_STR') },
    })
  })

  it('is not found by another account, an administrator’s too, nor through another algorithm', async () => {
    const { id } = await createSecret(owner.ctx, { ...algorithm.path, ...secret })
    const attempts = [
      () => listSecrets(other.ctx, algorithm.path),
      () => createSecret(other.ctx, { ...algorithm.path, ...secret, environmentName: 'OTHER' }),
      () => updateSecret(other.ctx, { ...algorithm.path, secretId: id, displayName: 'x', value: 'y' }),
      () => removeSecret(other.ctx, { ...algorithm.path, secretId: id }),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'not_found' })
    const theirs = await makeAlgorithm(database.db, other.ctx, 'Theirs')
    await expect(removeSecret(other.ctx, { ...theirs.path, secretId: id })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await readSecretValues(algorithm.id)).toEqual({ CONNECTION_STR: 'Endpoint=sb://x/' })
  })

  it('is refused to an API key without the right to manage', async () => {
    const permissions = { algorithms: 'full', data: 'read_write', canManage: false } as const
    const actor = { kind: 'api-key', keyId: 'k', accountId: owner.account.id, name: 'k', permissions } as const
    await expect(createSecret({ actor }, { ...algorithm.path, ...secret })).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('the name of an environment variable', () => {
  it.each(['CONNECTION_STR', 'mysql_password', '_x', 'A1'])('may be %s', (name) => {
    expect(EnvironmentName.safeParse(name).success).toBe(true)
  })

  it.each([
    '',
    '1A',
    'A-B',
    'A B',
    'A=B',
    'Ü',
    'PATH',
    'path',
    'HOME',
    'LD_PRELOAD',
    'PYTHONPATH',
    'NODE_OPTIONS',
    'ALGORITHMIA_API',
    'HEADRACE_ENCRYPTION_KEY',
  ])('may not be %j', (name) => {
    expect(EnvironmentName.safeParse(name).success).toBe(false)
  })
})
