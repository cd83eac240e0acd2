import { expect, it } from 'vitest'
import { guessContentType } from './content-type'
import { parseRange } from './file-response'

it.each([
  ['a.txt', undefined, 'text/plain'],
  ['a.JSON', '', 'application/json'],
  ['a.png', 'application/octet-stream', 'image/png'],
  ['a', 'application/x-www-form-urlencoded', 'application/octet-stream'],
  ['a.txt', 'application/json', 'application/json'],
  ['a.txt', 'text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
  ['a.csv', 'no type at all', 'text/csv'],
  ['a.csv', 'text/html\r\nSet-Cookie: a=b', 'text/csv'],
  ['a.csv', `text/${'x'.repeat(300)}`, 'text/csv'],
])('%s declared as %s is %s', (name, declared, type) => {
  expect(guessContentType(name, declared)).toBe(type)
})

it.each([
  [null, undefined],
  ['bytes=0-3', { start: 0, end: 3 }],
  ['bytes=4-', { start: 4, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-30', { start: 0, end: 9 }],
  ['bytes=8-30', { start: 8, end: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-2', undefined],
  ['bytes=0-1,4-5', undefined],
  ['bytes=-', undefined],
])('of ten bytes, %s is %o', (header, range) => {
  expect(parseRange(header, 10)).toEqual(range)
})
