import { afterAll, beforeAll, expect, it } from 'vitest'
import { updateProfile } from '@/lib/accounts/commands/update-profile'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { describeError } from './errors'
import { refuseNul } from './refuse-nul'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

it('names the field whose NUL the database refuses, and leaves other errors as they are', async () => {
  const { ctx } = await makeUserContext(database.db)
  const input = { displayName: 'a\0b', email: '' }
  const error = await updateProfile(ctx, input).catch((refusal: unknown) => refusal)
  expect(describeError(refuseNul(error, input))).toMatchObject({
    code: 'invalid_input',
    fields: { displayName: expect.stringContaining('NUL') },
  })
  const other = new Error('another')
  expect(refuseNul(other, input)).toBe(other)
  expect(refuseNul(error, { displayName: 'ab' })).toBe(error)
})
