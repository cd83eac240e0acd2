import { describe, expect, it } from 'vitest'
import { decodeBody } from './body'
import type { MessageBody } from './broker/port'

const bytes = (content: string | Buffer): MessageBody => ({ kind: 'bytes', bytes: Buffer.from(content) })
const decode = (body: MessageBody, contentType: string | null = null) => decodeBody({ body, contentType })

describe('decodeBody', () => {
  it.each([
    ['a declared JSON text', '"text"', 'application/json; charset=utf-8', 'json'],
    ['a declared JSON of a vendor', '[1]', 'application/vnd.acme.order+json', 'json'],
    ['what its worker will find to be no JSON', '{"a": nothing}', 'text/json', 'json'],
    ['a number declared as text', '42', 'text/plain', 'text'],
    ['words', 'good day', null, 'text'],
    ['a number and words', '12 apples', null, 'text'],
    ['a word of JSON and others', 'true story', null, 'text'],
    ['a number that JSON writes in another way', '0123', null, 'text'],
    ['the beginning of an object', '{"a": 1', null, 'text'],
    ['the beginning of a list, as a text may begin', '[note] call her', null, 'text'],
    ['the beginning of a text', '"abc', null, 'text'],
    ['a quotation mark', '"', null, 'text'],
    ['blanks', ' \r\n\t', null, 'text'],
    ['nothing', '', null, 'text'],
    ['an object declared as bytes', '{"a": 1}', 'application/octet-stream', 'binary'],
  ])('takes %s as it should be taken', (_, content, contentType, type) => {
    const decoded = decode(bytes(content), contentType)
    expect(decoded).toEqual({ ok: true, payload: { type, bytes: Buffer.from(content) } })
  })

  it.each([
    ['an object without a content type', '{"a": 1}', null],
    ['one with blanks around it', ' \r\n{"a": 1}\t\n', null],
    ['a list', '[1, 2]', null],
    ['a text in quotation marks', '"abc" and "d"', null],
    ['a number', '-4.2e+1', null],
    ['a word of JSON', ' null ', null],
    ['an object declared as text', '{"a": 1}', 'text/plain'],
    ['what is in braces', '{not json}', null],
  ])('takes %s for JSON, unless its worker finds that it is none', (_, content, contentType) => {
    const decoded = decode(bytes(content), contentType)
    expect(decoded).toEqual({ ok: true, payload: { type: 'json', bytes: Buffer.from(content), isGuess: true } })
  })

  it('passes on bytes that are not UTF-8 as binary, unchanged', () => {
    const content = Buffer.from([0xff, 0x00, 0xfe])
    expect(decode(bytes(content))).toEqual({ ok: true, payload: { type: 'binary', bytes: content } })
  })

  it('takes off a byte order mark, which JSON readers refuse', () => {
    const decoded = decode(bytes(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"a":1}')])))
    expect(decoded.payload).toMatchObject({ type: 'json', bytes: Buffer.from('{"a":1}') })
  })

  it('refuses a body whose content type promises JSON that it is not', () => {
    const decoded = decode(bytes('{"a": 1'), 'application/json')
    expect(decoded).toMatchObject({
      ok: false,
      problem: 'The content type is application/json, but the body is not JSON.',
    })
  })

  it.each([
    ['a text', 'good day', 'text', 'good day'],
    ['a map', { a: [1, null] }, 'json', '{"a":[1,null]}'],
    ['bytes', Buffer.from([0xff]), 'binary', Buffer.from([0xff])],
  ])('takes an AMQP value that is %s', (_, value, type, content) => {
    const decoded = decode({ kind: 'value', value })
    expect(decoded).toMatchObject({ ok: true, payload: { type, bytes: Buffer.from(content) } })
  })

  it('refuses an AMQP value that JSON does not know', () => {
    expect(decode({ kind: 'value', value: 1n }).ok).toBe(false)
    expect(decode({ kind: 'value', value: undefined }).ok).toBe(false)
  })
})
