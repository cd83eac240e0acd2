import { describe, expect, it } from 'vitest'
import { fileNameProblem } from '@/lib/data/uri'
import { resultFileName } from './file-name'

const name = (template: string, messageId: string | null) =>
  resultFileName(template, { messageId, sequenceNumber: 42n, enqueuedAt: new Date('2026-11-22T23:59:59.999Z') })

describe("the name of a result's file", () => {
  it.each([
    ['<messageId>.json', 'order-7', 'order-7.json'],
    ['<date>/x', 'order-7', expect.stringMatching(/^2026-11-22_x-[0-9a-f]{8}$/)],
    ['<date> <sequenceNumber>.txt', 'order-7', '2026-11-22 42.txt'],
    ['always.json', 'order-7', 'always.json'],
    ['<messageId>.json', null, '42.json'],
    ['<messageId>.json', '', '42.json'],
    ['<unknown>.json', 'x', expect.stringMatching(/^_unknown_-[0-9a-f]{8}\.json$/)],
  ])('%s of %s is %s', (template, messageId, expected) => {
    expect(name(template, messageId)).toEqual(expected)
  })

  it.each(['../../etc/passwd', 'a/b', 'a\\b', 'nul\0', 'line\nfeed', '.', '..', 'ü'.repeat(400), '\ud800', ''])(
    'is a plain name, and always the same, for the message id %j',
    (messageId) => {
      for (const template of ['<messageId>.json', '<messageId>']) {
        const made = name(template, messageId)
        expect(fileNameProblem(made)).toBeUndefined()
        expect(name(template, messageId)).toBe(made)
      }
    },
  )

  it('keeps messages apart whose ids differ only in what can not stand in a name', () => {
    const names = ['a/b', 'a\\b', 'a_b', 'a:b'].map((messageId) => name('<messageId>.json', messageId))
    expect(new Set(names).size).toBe(4)
  })

  it('keeps messages apart whose ids differ only beyond what a name can hold', () => {
    const long = 'x'.repeat(300)
    expect(name('<messageId>.json', `${long}1`)).not.toBe(name('<messageId>.json', `${long}2`))
  })
})
