import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountOf } from '@/lib/context'
import { sha256 } from '@/lib/crypto'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { createApiKey, deleteApiKey } from './commands'
import { generateKey, readAuthorization } from './key'
import { authenticateApiKey, listApiKeys } from './queries'
import type { CreateApiKey } from './schema'

let database: TestDatabase
let owner: TestUser
let stranger: TestUser
const full: CreateApiKey = { label: 'default-key', algorithmAccess: 'full', dataAccess: 'read_write', canManage: true }

beforeAll(async () => {
  database = await testDatabase()
  owner = await makeUserContext(database.db)
  stranger = await makeUserContext(database.db, { isAdmin: true })
})
afterAll(() => database.close())

describe('the Authorization header', () => {
  const key = generateKey()

  test('a key has 28 characters and begins with sim', () => {
    expect(key).toMatch(/^sim[A-Za-z0-9]{25}$/)
    expect(generateKey()).not.toBe(key)
  })

  test.each([
    ['Simple', `Simple ${key}`],
    ['Simple in small letters', `simple ${key}`],
    ['no scheme', key],
    ['Bearer', `Bearer ${key}`],
    ['spaces around', `  Simple   ${key} `],
  ])('holds a key with %s', (_, header) => {
    expect(readAuthorization(header)).toBe(key)
  })

  test.each([
    ['nothing', null],
    ['an empty text', ''],
    ['a scheme alone', 'Simple'],
    ['another scheme', `Basic ${key}`],
    ['a key that is too short', `Simple ${key.slice(1)}`],
    ['a key with another beginning', `Simple ${key.replace('sim', 'xxx')}`],
    ['two keys', `${key} ${key}`],
  ])('holds no key with %s', (_, header) => {
    expect(readAuthorization(header)).toBeNull()
  })
})

describe('a key', () => {
  test('acts for its account with its permissions, and only its hash is kept', async () => {
    const { id, key } = await createApiKey(owner.ctx, { ...full, label: 'reader', dataAccess: 'read' })
    const ctx = await authenticateApiKey(`Simple ${key}`)
    expect(ctx.actor).toEqual({
      kind: 'api-key',
      keyId: id,
      accountId: accountOf(owner.ctx),
      name: owner.account.name,
      permissions: { algorithms: 'full', data: 'read', canManage: true },
    })
    const row = await database.db.apiKey.findUniqueOrThrow({ where: { id } })
    expect(row.keyHash).toBe(sha256(key))
    expect(JSON.stringify(row)).not.toContain(key)
    const audit = await database.db.auditEvent.findFirstOrThrow({ where: { action: 'api-key.create' } })
    expect(JSON.stringify(audit)).not.toContain(key)
  })

  test('without algorithm access can not manage algorithms', async () => {
    const { key } = await createApiKey(owner.ctx, { ...full, label: 'data only', algorithmAccess: 'none' })
    const { actor } = await authenticateApiKey(key)
    expect(actor).toMatchObject({ permissions: { algorithms: 'none', canManage: false } })
  })

  test('says when it was last used', async () => {
    const { key } = await createApiKey(owner.ctx, { ...full, label: 'fresh' })
    const used = async () => (await listApiKeys(owner.ctx, { q: 'FRESH', order: 'asc' }))[0]?.lastUsedAt
    expect(await used()).toBeNull()
    await authenticateApiKey(key)
    expect(await used()).toBeInstanceOf(Date)
  })

  test('that is unknown is refused with the text that clients know', async () => {
    await expect(authenticateApiKey(`Simple ${generateKey()}`)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'authorization required',
    })
    await expect(authenticateApiKey(null)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('is refused once deleted', async () => {
    const { id, key } = await createApiKey(owner.ctx, { ...full, label: 'short-lived' })
    await authenticateApiKey(key)
    await deleteApiKey(owner.ctx, { keyId: id })
    await expect(authenticateApiKey(key)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('is not there for another account, an administrator’s neither', async () => {
    const { id, key } = await createApiKey(owner.ctx, { ...full, label: 'mine' })
    await expect(deleteApiKey(stranger.ctx, { keyId: id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await listApiKeys(stranger.ctx)).toEqual([])
    await authenticateApiKey(key)
  })

  test('can not make or delete keys', async () => {
    const { id, key } = await createApiKey(owner.ctx, { ...full, label: 'ambitious' })
    const ctx = await authenticateApiKey(key)
    await expect(createApiKey(ctx, full)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(deleteApiKey(ctx, { keyId: id })).rejects.toMatchObject({ code: 'forbidden' })
  })
})
