import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { callbackPath } from './callback-path'
import { clientAddress } from './client-address'
import { describeError, statusOf } from './errors'
import { authCookieNames, isSecureOrigin } from './session-cookie'

describe('where to go after signing in', () => {
  test.each(['/', '/algorithms/ezra/test?q=a%20b#x', '/data'])('%s is a path of the console', (path) => {
    expect(callbackPath(path)).toBe(path)
  })

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    'evil.example',
    '',
    undefined,
    ['/data'],
  ])('%j is not, so it becomes Home', (value) => {
    expect(callbackPath(value)).toBe('/')
  })
})

describe('cookies', () => {
  test('of two installations differ in name', () => {
    const [one, other] = [authCookieNames('secret one'), authCookieNames('secret two')]
    expect(new Set([...Object.values(one), ...Object.values(other)]).size).toBe(6)
    expect(authCookieNames('secret one')).toEqual(one)
  })

  test('are secure only when the console is at an https address', () => {
    expect(isSecureOrigin('https://console.example')).toBe(true)
    expect(isSecureOrigin('http://127.0.0.1:3000')).toBe(false)
  })
})

test('the address of a client is the one that the nearest hop saw', () => {
  expect(clientAddress(new Headers({ 'x-forwarded-for': 'made up, 10.0.0.7' }))).toBe('10.0.0.7')
  expect(clientAddress(new Headers({ 'x-forwarded-for': '::1' }))).toBe('::1')
  expect(clientAddress(new Headers())).toBe('unknown')
})

describe('an error, told to people', () => {
  test('keeps the code, the sentence and the fields of an expected one', () => {
    const error = new AppError('conflict', 'It is taken.', { fields: { name: 'It is taken.' } })
    expect(describeError(error)).toEqual({
      code: 'conflict',
      message: 'It is taken.',
      fields: { name: 'It is taken.' },
    })
  })

  test('names the fields of an input that does not fit, the first message of each', () => {
    const schema = z.object({
      name: z.string().min(3, 'too short').regex(/^a/, 'no a'),
      deep: z.object({ n: z.number() }),
    })
    const { error } = schema.safeParse({ name: 'b', deep: { n: 'x' } })
    expect(describeError(error)).toMatchObject({
      code: 'invalid_input',
      fields: { name: 'too short', 'deep.n': expect.any(String) },
    })
  })

  test('says nothing of an unexpected one but an id', () => {
    const told = describeError(new Error('password=hunter2 at /srv/secret/place'))
    expect(told).toMatchObject({ code: 'unexpected', fields: {}, id: expect.stringMatching(/^[0-9a-f]{8}$/) })
    expect(told.message).toContain(told.id)
    expect(JSON.stringify(told)).not.toMatch(/hunter2|secret/)
  })

  test('has a status for each code', () => {
    expect(statusOf('not_found')).toBe(404)
    expect(statusOf('rate_limited')).toBe(429)
    expect(statusOf('unexpected')).toBe(500)
  })
})
