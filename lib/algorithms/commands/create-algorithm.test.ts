import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeEnvironment } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { getAlgorithm } from '../queries'
import { getSource } from '../source/queries'
import { createAlgorithm } from './create-algorithm'

let database: TestDatabase
let ezra: TestUser
let other: TestUser

beforeAll(async () => {
  database = await testDatabase()
  await makeEnvironment(database.db)
  ezra = await makeUserContext(database.db, { name: 'ezra' })
  other = await makeUserContext(database.db)
})
afterAll(() => database.close())

describe('creating an algorithm', () => {
  it('makes a private one with the template as its first commit', async () => {
    const created = await createAlgorithm(ezra.ctx, { name: 'testAzureSB' })
    const path = { owner: 'ezra', name: 'testAzureSB' }
    expect(await getAlgorithm(ezra.ctx, path)).toMatchObject({
      label: 'testAzureSB',
      sourceVisibility: 'closed',
      license: 'apl',
      networkAccess: 'full',
      pipelineEnabled: true,
      latestVersion: null,
      canEdit: true,
    })
    const source = await getSource(ezra.ctx, path)
    expect(source.headSha).toBe(created.commitSha)
    expect(source.isUntouched).toBe(true)
    expect(source.files.map((file) => file.path)).toEqual([
      'algorithmia.conf',
      'requirements.txt',
      'src/__init__.py',
      'src/testAzureSB.py',
      'src/testAzureSB_test.py',
    ])
    expect(source.files.find((file) => file.path === 'src/testAzureSB.py')?.text).toContain('def apply(input):')
    const audit = await database.db.auditEvent.findFirstOrThrow({ where: { action: 'algorithm.create' } })
    expect(audit).toMatchObject({ targetName: 'ezra/testAzureSB', actorName: 'ezra', accountId: ezra.account.id })
  })

  it('refuses a name that differs only in case, and keeps no repository of it', async () => {
    await createAlgorithm(ezra.ctx, { name: 'same_name' })
    await expect(createAlgorithm(ezra.ctx, { name: 'Same_Name' })).rejects.toMatchObject({
      code: 'conflict',
      fields: { name: expect.stringContaining('same_name') },
    })
    const rows = await database.db.algorithm.count()
    const { readdir } = await import('node:fs/promises')
    expect(await readdir(join(database.dataDirectory, 'git'))).toHaveLength(rows)
  })

  it('takes a name in which another name’s underscore is a letter', async () => {
    await createAlgorithm(ezra.ctx, { name: 'same1name' })
    await createAlgorithm(ezra.ctx, { name: 'sameXname' })
  })

  it('lets two owners use one name', async () => {
    await createAlgorithm(ezra.ctx, { name: 'Shared' })
    const created = await createAlgorithm(other.ctx, { name: 'Shared' })
    expect(created.owner).toBe(other.account.name)
    expect(existsSync(join(database.dataDirectory, 'git', `${created.id}.git`, 'HEAD'))).toBe(true)
  })

  it.each(['', '1st', 'with space', 'a-b', 'a/b', 'ü', 'a'.repeat(31)])('refuses the name %j', async (name) => {
    await expect(createAlgorithm(ezra.ctx, { name })).rejects.toMatchObject({ name: 'ZodError' })
  })

  it('refuses an open-source license for closed source', async () => {
    await expect(createAlgorithm(ezra.ctx, { name: 'Mit', license: 'mit' })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: { license: expect.any(String) },
    })
    await createAlgorithm(ezra.ctx, { name: 'Mit', license: 'mit', sourceVisibility: 'open' })
  })

  it('says so when the environment is not there', async () => {
    await expect(createAlgorithm(ezra.ctx, { name: 'Cobol', environment: 'cobol85' })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: { environment: expect.stringContaining('cobol85') },
    })
  })

  it('answers not found for another account as owner', async () => {
    const attempt = createAlgorithm(other.ctx, { owner: 'ezra', name: 'Stolen' })
    await expect(attempt).rejects.toMatchObject({ code: 'not_found' })
  })

  it('refuses an API key without the right to manage', async () => {
    const permissions = { algorithms: 'full', data: 'read_write', canManage: false } as const
    const key = { kind: 'api-key', keyId: 'k', accountId: ezra.account.id, name: 'ezra', permissions } as const
    await expect(createAlgorithm({ actor: key }, { name: 'ByKey' })).rejects.toMatchObject({ code: 'forbidden' })
    const manager = { ...key, permissions: { ...permissions, canManage: true } }
    expect(await createAlgorithm({ actor: manager }, { name: 'ByKey' })).toMatchObject({ owner: 'ezra' })
  })
})
