import { describe, expect, it } from 'vitest'
import type { MessageDetail } from '@/lib/queue-tools/browse-messages'
import { changedFields, editableFields } from './edited-fields'

const message = (body: string, more: Partial<MessageDetail> = {}) =>
  ({
    contentType: 'application/json',
    applicationProperties: { tenant: 'contoso' },
    body: { type: 'json', content: body, isCut: false },
    ...more,
  }) as MessageDetail

/** What a browser's form gives back for fields that nobody touched. */
const untouched = (fields: ReturnType<typeof editableFields>) =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text?.replace(/\r?\n/g, '\r\n')]))

describe('a dead letter that is edited', () => {
  it.each(['{"n":1}', 'two\nlines', 'two\r\nlines', ''])('sends nothing of what was not touched: %j', (body) => {
    const fields = editableFields(message(body))
    expect(changedFields(fields, untouched(fields))).toEqual({})
  })

  it('keeps its own line breaks', () => {
    const typed = { body: 'one\r\ntwo\r\nthree' }
    expect(changedFields(editableFields(message('one\ntwo')), typed)).toEqual({ body: 'one\ntwo\nthree' })
    expect(changedFields(editableFields(message('one\r\ntwo')), typed)).toEqual({ body: 'one\r\ntwo\r\nthree' })
  })

  it('leaves out what is too large to be edited', () => {
    const large = message('x', {
      body: { type: 'text', content: 'x'.repeat(400_001), isCut: false },
      applicationProperties: { large: 'y'.repeat(70_000) },
    })
    const fields = editableFields(large)
    expect(fields).toMatchObject({ body: null, applicationProperties: null })
    expect(changedFields(fields, { body: 'typed', contentType: 'text/plain' })).toEqual({ contentType: 'text/plain' })
  })
})
