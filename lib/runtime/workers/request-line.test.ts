import { describe, expect, it } from 'vitest'
import type { CallContext, Payload } from '../port'
import { CONTEXT } from '../testing/message-context'
import { requestLine } from './request-line'

const MIB = 1024 * 1024

const line = (type: Payload['type'], input: string | Buffer, context?: CallContext) =>
  Buffer.concat(requestLine('a1', { type, bytes: Buffer.from(input) }, context)).toString('utf8')

/** As the harnesses cut it. */
function cut(text: string): { data: string; context: unknown } {
  const end = text.lastIndexOf(',"context":')
  const context = JSON.parse(text.slice(end + ',"context":'.length, -2))
  return { data: text.slice(text.indexOf('"data":') + '"data":'.length, end), context }
}

describe('a request line', () => {
  it('is one JSON document for JSON, text and bytes, with the context as a text', () => {
    const known = { id: 'a1', context: JSON.stringify(CONTEXT) }
    expect(JSON.parse(line('json', '[1]', CONTEXT))).toEqual({ ...known, content_type: 'json', data: [1] })
    expect(JSON.parse(line('text', 'a\n"b"', CONTEXT))).toEqual({ ...known, content_type: 'text', data: 'a\n"b"' })
    expect(JSON.parse(line('binary', Buffer.from([0, 255])))).toEqual({
      id: 'a1',
      content_type: 'binary',
      data: 'AP8=',
      context: { message: null },
    })
  })

  it.each([
    ['a second data', '1,"data":2'],
    ['a second id', '1,"id":"x"'],
    ['a context', '1,"context":{}'],
    ['a context of a message', '1,"context":"{}"}'],
    ['an end and another beginning', '1},{"a":1'],
    ['another type', '1,"content_type":"binary","data":"AAAA"'],
    ['nothing', ''],
    ['blanks', ' \t '],
    ['blanks around', '  {"a": 1}  '],
    ['the beginning of a text', '"abc'],
  ])('keeps an input that holds %s apart from the rest', (_, input) => {
    expect(cut(line('json', input))).toEqual({ data: input, context: { message: null } })
    expect(cut(line('json', input, CONTEXT))).toEqual({ data: input, context: JSON.stringify(CONTEXT) })
  })

  it('keeps a context apart that holds the words of the line', () => {
    const words = ',"context":{"message":null}}'
    const message = { ...CONTEXT.message, message_id: words, properties: { [words]: words } } as CallContext['message']
    expect(cut(line('json', '1', { message }))).toEqual({ data: '1', context: JSON.stringify({ message }) })
  })

  it('has one end, and line breaks of the input are tabs: in no string may one stand', () => {
    expect(cut(line('json', '\r\n{"a":\n1}\n')).data).toBe('\t\t{"a":\t1}\t')
    expect(() => JSON.parse(cut(line('json', '"a\nb"')).data)).toThrow()
    expect(line('json', '\n\n').indexOf('\n')).toBe(line('json', '\n\n').length - 1)
  })

  it('takes 10 MiB', () => {
    const input = `["${'x'.repeat(10 * MIB)}","data":,"context":1]`
    expect(cut(line('json', input, CONTEXT)).data === input).toBe(true)
  })
})
