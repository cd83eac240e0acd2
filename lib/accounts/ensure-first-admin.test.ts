import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemContext } from '@/lib/context'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { ensureFirstAdmin } from './commands/ensure-first-admin'
import { signIn } from './commands/sign-in'

let database: TestDatabase
const launcher = systemContext('launcher')

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

test('two first starts at once make one administrator, and later starts change nothing', async () => {
  const passwords = ['the first password', 'the second password']
  const created = await Promise.all(passwords.map((password) => ensureFirstAdmin(launcher, { password })))
  const winner = created.findIndex((account) => account !== null)
  expect(created.filter((account) => account !== null)).toMatchObject([{ name: 'admin' }])

  expect(await ensureFirstAdmin(launcher, { password: 'yet another password' })).toBeNull()
  expect(await database.db.user.count()).toBe(1)
  const user = await signIn({ name: 'admin', password: passwords[winner] ?? '', address: 'here' })
  expect(user).toMatchObject({ name: 'admin', isAdmin: true })
})

test('nobody but the launcher may make it', async () => {
  const { ctx } = await makeUserContext(database.db, { isAdmin: true })
  await expect(ensureFirstAdmin(ctx, { password: 'a long password' })).rejects.toMatchObject({ code: 'forbidden' })
})
