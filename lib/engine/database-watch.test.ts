import { describe, expect, it } from 'vitest'
import { Prisma } from '@/lib/generated/prisma/client'
import { DatabaseWatch, isAboutData } from './database-watch'

const known = (code: string, message = 'refused') =>
  new Prisma.PrismaClientKnownRequestError(message, { code, clientVersion: 'any' })

describe('isAboutData', () => {
  it.each<[string, Error, boolean]>([
    ['a foreign key', known('P2003'), true],
    ['a value out of range', known('P2020'), true],
    ['a statement that is wrong', known('P2010', 'Raw query failed. Code: `42703`. Message: `no such column`'), true],
    ['a value beyond its limits', known('P2010', 'Raw query failed. Code: `54000`. Message: `too long`'), true],
    [
      'a shutdown of Postgres',
      known('P2039', 'Database error. Code: `57P01`. Message: `terminating connection`'),
      false,
    ],
    ['a full disk', known('P2010', 'Raw query failed. Code: `53100`. Message: `No space left on device`'), false],
    ['no free connection', known('P2024'), false],
    ['an address that nobody has', known('P1001'), false],
    ['a connection that broke', new Error('Connection terminated unexpectedly'), false],
  ])('tells %s', (_, error, expected) => {
    expect(isAboutData(error)).toBe(expected)
  })
})

describe('DatabaseWatch', () => {
  it('tries again until the database answers, and tells of each change once', async () => {
    const changes: boolean[] = []
    const watch = new DatabaseWatch((isAway) => changes.push(isAway))
    let tries = 0
    const result = await watch.insist(
      async () => {
        tries += 1
        if (tries < 3) throw new Error('Connection terminated unexpectedly')
        return 'written'
      },
      () => true,
    )
    expect(result).toBe('written')
    expect(changes).toEqual([true, false])
  })

  it('gives up at once what the database refuses, and what nobody wants any more', async () => {
    const watch = new DatabaseWatch(() => {})
    await expect(
      watch.insist(
        () => Promise.reject(known('P2003')),
        () => true,
      ),
    ).rejects.toThrow('refused')
    expect(watch.isAway).toBe(false)
    await expect(
      watch.insist(
        () => Promise.reject(new Error('gone')),
        () => false,
      ),
    ).rejects.toThrow('gone')
    expect(watch.isAway).toBe(true)
  })
})
