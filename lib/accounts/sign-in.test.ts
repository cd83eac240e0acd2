import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemContext } from '@/lib/context'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { createUser } from './commands/create-user'
import { MAX_FAILURES_PER_ADDRESS, MAX_FAILURES_PER_NAME, signIn, WINDOW_MINUTES } from './commands/sign-in'

let database: TestDatabase
const password = 'the right password'
const WRONG = 'The user name or the password is not right.'

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

async function makeUser(): Promise<string> {
  const name = `User_${randomBytes(4).toString('hex')}`
  await createUser(systemContext('test'), { name, password })
  return name
}

/** Moves every failure of the window back in time. */
async function letMinutesPass(minutes: number): Promise<void> {
  await database.db.$executeRaw`UPDATE "SignInFailure" SET at = at - make_interval(mins => ${minutes}::int)`
}

async function failTimes(count: number, attempt: { name: string; address: string }): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await expect(signIn({ ...attempt, password: 'wrong' })).rejects.toMatchObject({ message: WRONG })
  }
}

/** Failures of unknown users, without the time that their hashes take. */
async function recordFailures(count: number, address: string): Promise<void> {
  const data = Array.from({ length: count }, () => ({ nameKey: randomBytes(4).toString('hex'), address }))
  await database.db.signInFailure.createMany({ data })
}

test('the right name, in any case, and the right password sign in', async () => {
  const name = await makeUser()
  const before = new Date()
  const user = await signIn({ name: ` ${name.toUpperCase()} `, password, address: 'home' })
  expect(user.name).toBe(name)
  const row = await database.db.user.findUniqueOrThrow({ where: { id: user.userId } })
  expect(row.lastSignInAt?.getTime()).toBeGreaterThanOrEqual(before.getTime())
  expect(row.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test('a wrong password and an unknown name get the same sentence', async () => {
  const name = await makeUser()
  const attempts = [
    { name, password: 'wrong', address: 'home' },
    { name: 'nobody_here', password, address: 'home' },
    { name, password: '', address: 'home' },
    { name: '', password: '', address: 'home' },
  ]
  for (const attempt of attempts) {
    await expect(signIn(attempt)).rejects.toMatchObject({ code: 'unauthenticated', message: WRONG })
  }
})

test('an unknown name costs a hash, too', async () => {
  const name = await makeUser()
  // The median of a few, because the machine does other things.
  const timeOf = async (attempt: { name: string }) => {
    const times: number[] = []
    for (let i = 0; i < 3; i += 1) {
      const startedAt = performance.now()
      await signIn({ ...attempt, password: 'wrong', address: 'clock' }).catch(() => {})
      times.push(performance.now() - startedAt)
    }
    return times.sort((a, b) => a - b)[1] ?? 0
  }
  const known = await timeOf({ name })
  const unknown = await timeOf({ name: 'nobody_at_all' })
  expect(unknown).toBeGreaterThan(known / 3)
})

describe('too many failures', () => {
  test('of one name lock that name, from every address, for the right password too', async () => {
    const name = await makeUser()
    for (let i = 0; i < MAX_FAILURES_PER_NAME; i += 1) await failTimes(1, { name, address: `place ${i}` })
    await expect(signIn({ name, password, address: 'elsewhere' })).rejects.toMatchObject({
      code: 'rate_limited',
      message: `Too many failed attempts. Try again in ${WINDOW_MINUTES} minutes.`,
    })
  })

  test('end after the time that the message names', async () => {
    const name = await makeUser()
    await failTimes(MAX_FAILURES_PER_NAME, { name, address: 'patient' })
    await letMinutesPass(WINDOW_MINUTES - 1)
    await expect(signIn({ name, password, address: 'patient' })).rejects.toMatchObject({
      message: 'Too many failed attempts. Try again in 1 minute.',
    })
    await letMinutesPass(1)
    await expect(signIn({ name, password, address: 'patient' })).resolves.toMatchObject({ name })
  })

  test('from one address lock the address, not the names', async () => {
    const name = await makeUser()
    await recordFailures(MAX_FAILURES_PER_ADDRESS - 1, 'bad')
    await failTimes(1, { name: 'nobody_at_all', address: 'bad' })
    await expect(signIn({ name, password, address: 'bad' })).rejects.toMatchObject({ code: 'rate_limited' })
    await expect(signIn({ name, password, address: 'good' })).resolves.toMatchObject({ name })
  })

  test('are forgotten by a success', async () => {
    const name = await makeUser()
    await failTimes(MAX_FAILURES_PER_NAME - 1, { name, address: 'clumsy' })
    await signIn({ name, password, address: 'clumsy' })
    await failTimes(MAX_FAILURES_PER_NAME - 1, { name, address: 'clumsy' })
    await signIn({ name, password, address: 'clumsy' })
  })

  test('at once do not slip past the count', async () => {
    const name = await makeUser()
    const attempts = Array.from({ length: 12 }, () => signIn({ name, password: 'wrong', address: 'burst' }))
    const answers = await Promise.allSettled(attempts)
    const looked = answers.filter((answer) => answer.status === 'rejected' && answer.reason.code === 'unauthenticated')
    expect(looked.length).toBeLessThanOrEqual(MAX_FAILURES_PER_NAME)
  })
})
