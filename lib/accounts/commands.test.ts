import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ZodError } from 'zod'
import { systemContext } from '@/lib/context'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { changePassword } from './commands/change-password'
import { createUser, inviteUser } from './commands/create-user'
import { deleteUser } from './commands/delete-user'
import { setAdministrator } from './commands/set-administrator'
import { signIn } from './commands/sign-in'
import { updateProfile } from './commands/update-profile'
import { findSessionUser, getProfile, listOwnedAccounts, listUsers } from './queries'

let database: TestDatabase
let admin: TestUser
let member: TestUser
const password = 'a password of some length'

beforeAll(async () => {
  database = await testDatabase()
  admin = await makeUserContext(database.db, { name: 'boss', isAdmin: true })
  member = await makeUserContext(database.db, { name: 'member' })
})
afterAll(() => database.close())

/** The audit log's actions about one thing, oldest first. */
async function auditOf(targetName: string): Promise<string[]> {
  const events = await database.db.auditEvent.findMany({ where: { targetName }, orderBy: { id: 'asc' } })
  return events.map((event) => event.action)
}

describe('creating a user', () => {
  test('makes an account of the same name, which can sign in', async () => {
    const created = await createUser(admin.ctx, { name: 'Ada', email: 'Ada@Example.com', password })
    const user = await signIn({ name: 'Ada', password, address: 'here' })
    expect(user).toMatchObject({ userId: created.userId, accountId: created.accountId, name: 'Ada', isAdmin: false })
    expect(await auditOf('Ada')).toEqual(['user.create'])
  })

  test('refuses a name that differs from another in case alone', async () => {
    await expect(createUser(admin.ctx, { name: 'MEMBER', password })).rejects.toMatchObject({
      code: 'conflict',
      fields: { name: expect.stringContaining('taken') },
    })
  })

  test('refuses an e-mail address that another user has', async () => {
    await expect(createUser(admin.ctx, { name: 'other', email: 'ada@example.com', password })).rejects.toMatchObject({
      code: 'conflict',
      fields: { email: expect.stringContaining('ada@example.com') },
    })
    expect(await database.db.account.count({ where: { name: 'other' } })).toBe(0)
  })

  test.each([
    ['1st', 'begins with a digit'],
    ['two words', 'has a space'],
    ['dash-ed', 'has a dash'],
    ['x'.repeat(31), 'is longer than 30 characters'],
    ['', 'is empty'],
  ])('refuses the name %j, which %s', async (name) => {
    await expect(createUser(admin.ctx, { name, password })).rejects.toThrow(ZodError)
    expect(await database.db.account.count({ where: { name } })).toBe(0)
  })

  test('with a generated password gives that password once, and it works', async () => {
    const invited = await inviteUser(admin.ctx, { name: 'invited', email: '', isAdmin: true })
    expect(invited.password).toMatch(/^[a-zA-Z2-9]{16}$/)
    const user = await signIn({ name: 'invited', password: invited.password, address: 'here' })
    expect(user.isAdmin).toBe(true)
    await deleteUser(admin.ctx, { userId: invited.userId })
  })

  test('is not there for a member', async () => {
    await expect(createUser(member.ctx, { name: 'nobody', password })).rejects.toMatchObject({ code: 'not_found' })
    await expect(inviteUser(member.ctx, { name: 'nobody' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('changing the password', () => {
  test('takes the current one, and ends the sessions made with it', async () => {
    const { userId } = await createUser(admin.ctx, { name: 'changer', password })
    const before = await signIn({ name: 'changer', password, address: 'here' })
    const ctx = { actor: { kind: 'user', ...before } } as const
    const newPassword = 'another password here'
    await changePassword(ctx, { currentPassword: password, newPassword, repeatedPassword: newPassword })

    expect((await findSessionUser(userId))?.stamp).not.toBe(before.stamp)
    await expect(signIn({ name: 'changer', password, address: 'here' })).rejects.toMatchObject({
      code: 'unauthenticated',
    })
    await signIn({ name: 'changer', password: newPassword, address: 'here' })
    expect(await auditOf('changer')).toEqual(['user.create', 'user.change-password'])
  })

  test('is refused with a wrong current password, a short new one, or two that differ', async () => {
    await createUser(admin.ctx, { name: 'refused', password })
    const user = await signIn({ name: 'refused', password, address: 'here' })
    const ctx = { actor: { kind: 'user', ...user } } as const
    await expect(
      changePassword(ctx, { currentPassword: 'wrong', newPassword: password, repeatedPassword: password }),
    ).rejects.toMatchObject({ fields: { currentPassword: 'This is not your current password.' } })
    await expect(
      changePassword(ctx, { currentPassword: password, newPassword: 'short', repeatedPassword: 'short' }),
    ).rejects.toMatchObject({ issues: [{ path: ['newPassword'] }] })
    await expect(
      changePassword(ctx, { currentPassword: password, newPassword: `${password}!`, repeatedPassword: password }),
    ).rejects.toMatchObject({ issues: [{ path: ['repeatedPassword'] }] })
  })

  test('is refused to a program', async () => {
    await expect(
      changePassword(systemContext('test'), {
        currentPassword: 'x',
        newPassword: password,
        repeatedPassword: password,
      }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('the profile', () => {
  test('is one’s own, and changes', async () => {
    await updateProfile(member.ctx, { displayName: 'M. Ember', email: 'member@example.com' })
    expect(await getProfile(member.ctx)).toMatchObject({ displayName: 'M. Ember', email: 'member@example.com' })
    expect((await getProfile(admin.ctx)).displayName).toBe('boss')
    expect(await listOwnedAccounts(member.ctx)).toEqual([{ id: member.account.id, name: 'member' }])
  })

  test('can not take an e-mail address that another user has', async () => {
    await expect(updateProfile(admin.ctx, { displayName: 'boss', email: 'MEMBER@example.com' })).rejects.toMatchObject({
      code: 'conflict',
      fields: { email: expect.any(String) },
    })
    expect(await getProfile(admin.ctx)).toMatchObject({ displayName: 'boss', email: null })
  })
})

describe('administrators', () => {
  test('make others administrators and take it back; the last one stays', async () => {
    const userId = member.user.id
    await setAdministrator(admin.ctx, { userId, isAdmin: true })
    expect((await findSessionUser(userId))?.isAdmin).toBe(true)
    await setAdministrator(admin.ctx, { userId, isAdmin: false })
    expect((await findSessionUser(userId))?.isAdmin).toBe(false)
    await expect(setAdministrator(admin.ctx, { userId: admin.user.id, isAdmin: false })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('last administrator'),
    })
    expect(await auditOf('member')).toEqual(['user.update', 'user.make-administrator', 'user.remove-administrator'])
  })

  test('who are demoted by each other at once: one stays', async () => {
    const other = await makeUserContext(database.db, { isAdmin: true })
    const demotions = await Promise.allSettled([
      setAdministrator(admin.ctx, { userId: other.user.id, isAdmin: false }),
      setAdministrator(other.ctx, { userId: admin.user.id, isAdmin: false }),
    ])
    expect(demotions.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await database.db.user.updateMany({ where: { id: admin.user.id }, data: { isAdmin: true } })
    await deleteUser(admin.ctx, { userId: other.user.id })
  })

  test('are not made by members', async () => {
    await expect(setAdministrator(member.ctx, { userId: member.user.id, isAdmin: true })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('see and filter all users; members see no list', async () => {
    const { users, total } = await listUsers(admin.ctx, { q: 'EMBER', page: 1 })
    expect(total).toBe(1)
    expect(users).toMatchObject([{ name: 'member', email: 'member@example.com', isAdmin: false }])
    await expect(listUsers(member.ctx, { q: '', page: 1 })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('deleting a user', () => {
  test('takes the account, its keys and its sessions', async () => {
    const { userId, accountId } = await createUser(admin.ctx, { name: 'leaver', password })
    await database.db.apiKey.create({ data: { accountId, label: 'k', keyHash: 'leaver', mask: 'simXXXX' } })
    await deleteUser(admin.ctx, { userId })
    expect(await findSessionUser(userId)).toBeNull()
    expect(await database.db.apiKey.count({ where: { keyHash: 'leaver' } })).toBe(0)
    expect(await auditOf('leaver')).toEqual(['user.create', 'user.delete'])
  })

  test('is refused while the account owns something, and says what', async () => {
    const owner = await makeUserContext(database.db, { name: 'owner' })
    const collection = await database.db.collection.create({ data: { ownerId: owner.account.id, name: 'things' } })
    await expect(deleteUser(admin.ctx, { userId: owner.user.id })).rejects.toMatchObject({
      code: 'conflict',
      message: 'owner still has 1 collection. Delete these first.',
    })
    await database.db.collection.delete({ where: { id: collection.id } })
    await deleteUser(admin.ctx, { userId: owner.user.id })
  })

  test('is refused for oneself, for one who is not there, and to members', async () => {
    await expect(deleteUser(admin.ctx, { userId: admin.user.id })).rejects.toMatchObject({ code: 'conflict' })
    const nobody = '01920000-0000-7000-8000-000000000000'
    await expect(deleteUser(admin.ctx, { userId: nobody })).rejects.toMatchObject({ code: 'not_found' })
    await expect(deleteUser(member.ctx, { userId: admin.user.id })).rejects.toMatchObject({ code: 'not_found' })
  })
})
