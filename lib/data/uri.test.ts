import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { fileNameProblem, formatDataUri, parseDataUri } from './uri'

describe('parseDataUri', () => {
  it.each([
    ['data://ezra/Notes/a.txt', { kind: 'file', owner: 'ezra', collection: 'Notes', file: 'a.txt' }],
    ['data://.my/Notes/a.txt', { kind: 'file', owner: '.my', collection: 'Notes', file: 'a.txt' }],
    [
      '.my/Notes/a file, with + and %.txt',
      { kind: 'file', owner: '.my', collection: 'Notes', file: 'a file, with + and %.txt' },
    ],
    ['/ezra/Notes', { kind: 'collection', owner: 'ezra', collection: 'Notes' }],
    ['data://ezra/Notes/', { kind: 'collection', owner: 'ezra', collection: 'Notes' }],
    ['data://ezra/', { kind: 'owner', owner: 'ezra' }],
    ['data://', { kind: 'root' }],
    ['', { kind: 'root' }],
    ['ezra/Notes/..hidden', { kind: 'file', owner: 'ezra', collection: 'Notes', file: '..hidden' }],
  ])('reads %s', (text, path) => {
    expect(parseDataUri(text)).toEqual(path)
  })

  it.each([
    ['data://ezra/Notes/..', 'names a folder'],
    ['data://ezra/Notes/.', 'names a folder'],
    ['data://ezra/../secrets', 'letters, digits and _'],
    ['data://../ezra/Notes', 'no account'],
    ['data://ezra/Notes/a/b', 'no folders'],
    ['data://ezra//a', 'Give the collection a name'],
    ['data://ezra/No-tes/a', 'letters, digits and _'],
    ['data://ezra/1Notes', 'begins with a letter'],
    [`data://ezra/${'N'.repeat(31)}`, 'at most 30'],
    ['data://ezra/Notes/a\0b', 'NUL'],
    ['data://ezra/Notes/\ud800', 'Unicode'],
    [`data://ezra/Notes/${'é'.repeat(128)}`, 'at most 255 bytes; this one has 256'],
    ['data://.algo/temp/x', 'no account'],
  ])('refuses %j and says why', (text, reason) => {
    expect(() => parseDataUri(text)).toThrow(AppError)
    expect(() => parseDataUri(text)).toThrow(reason)
  })

  it('gives back every file name that it lets through', () => {
    const characters = fc.constantFrom(
      ...'aZ0 .,%+?#&=:;\\"\'<>|*~-_\n\t/',
      'é',
      '€',
      '😀',
      '\u0301',
      '\u202e',
      '\ud800',
    )
    fc.assert(
      fc.property(fc.string({ unit: characters, minLength: 1, maxLength: 60 }), (file) => {
        fc.pre(fileNameProblem(file) === undefined)
        expect(parseDataUri(formatDataUri('ezra', 'Notes', file))).toMatchObject({ kind: 'file', file })
      }),
    )
  })

  it('never yields a part that a path could climb with', () => {
    const parts = fc.constantFrom('..', '.', '/', '//', 'data:', 'ezra', 'Notes', '%2e%2e', '\\', '\0', 'a')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (pieces) => {
        let path: ReturnType<typeof parseDataUri>
        try {
          path = parseDataUri(pieces.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
          return
        }
        for (const part of Object.values(path)) expect(part).not.toMatch(/\/|\0|^\.\.?$/)
      }),
    )
  })
})
