import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_RESULT_BYTES } from '../limits'
import { type Answer, AnswerReader } from './answer-reader'

describe('the reader of answers', () => {
  it('cuts the same answers out of any chunks', () => {
    const kinds = fc.constantFrom(...(['json', 'text', 'binary', 'error', 'unparsed'] as const))
    const answers = fc.array(
      fc.record({
        id: fc.stringMatching(/^[0-9a-f]{12}$/),
        kind: kinds,
        body: fc.uint8Array({ maxLength: 300 }),
        isQuiet: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(answers, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(frame))
        const { answers: read, isInvalid } = readIn(bytes, sizes)
        expect(isInvalid).toBe(false)
        expect(read.map((one) => ({ ...one, body: [...one.body] }))).toEqual(
          sent.map((one) => ({ ...one, body: [...one.body] })),
        )
      }),
    )
  })

  it('takes the documents of stock language packs', () => {
    const lines = [
      '{"result": [1, "é"], "metadata": {"content_type": "json"}}',
      '{"result": "a\\nb", "metadata": {"content_type": "text"}}',
      '{"result": "AAE=", "metadata": {"content_type": "binary"}}',
      '{"error": {"message": "m", "error_type": "t"}}',
      '{"result": null, "metadata": {"content_type": "json"}}',
    ]
    const { answers } = readIn(Buffer.from(`${lines.join('\n')}\n`), [7])
    expect(answers.map(({ kind, body }) => [kind, body.toString('latin1')])).toEqual([
      ['json', Buffer.from('[1,"é"]').toString('latin1')],
      ['text', 'a\nb'],
      ['binary', '\x00\x01'],
      ['error', '{"message":"m","error_type":"t"}'],
      ['json', 'null'],
    ])
  })

  it('takes large documents of stock language packs without parsing them as a whole', () => {
    const large = 'é'.repeat(300_000)
    const lines = [
      `{"result": {"a": "${large}"}, "metadata": {"content_type": "json"}}`,
      `{"result":"${large}\\n","metadata":{"content_type":"text"}}`,
      `{"result": "${'AAEC'.repeat(200_000)}", "metadata": {"content_type": "binary"}}`,
    ]
    const { answers, isInvalid } = readIn(Buffer.from(`${lines.join('\n')}\n`), [60_000])
    expect(isInvalid).toBe(false)
    expect(answers.map(({ kind, body }) => [kind, body.length])).toEqual([
      ['json', 600_009],
      ['text', 600_001],
      ['binary', 600_000],
    ])
    expect(answers[0]?.body.toString()).toBe(`{"a": "${large}"}`)
  })

  it.each([
    [
      'that is no string where it says text',
      `{"result": [${'1,'.repeat(300_000)}1], "metadata": {"content_type": "text"}}`,
    ],
    ['with more than a result', `{"result": "", "x": "${'x'.repeat(600_000)}", "metadata": {"content_type": "text"}}`],
    ['in an order of its own', `{"metadata": {"content_type": "json"}, "result": "${'x'.repeat(600_000)}"}`],
  ])('does not believe a large document %s', (_, text) => {
    expect(readIn(Buffer.from(`${text}\n`), [60_000]).isInvalid).toBe(true)
  })

  it.each([
    ['a strange first byte', 'x\n'],
    ['a header that is none', '#1 json\n'],
    ['a header with more behind it', '#1 json 1 loud\nx\n'],
    ['an unknown type', '#1 html 1\nx\n'],
    ['a length that is not the body’s', '#1 json 1\nxy\n'],
    ['a header without an end', `#${'1'.repeat(400)}`],
    ['a document that is not JSON', '{"result":\n'],
    ['an error of four megabytes', `#1 error ${4 << 20}\n`],
    ['a parser that says more than a page', `#1 unparsed ${4 << 10}\n`],
  ])('does not believe %s', (_, text) => {
    expect(readIn(Buffer.from(text), [3]).isInvalid).toBe(true)
  })

  it('gives up on a result that is too large as soon as its length is known', () => {
    expect(readIn(Buffer.from(`#1 json ${MAX_RESULT_BYTES + 1}\n`), [100])).toMatchObject({
      tooLarge: [[MAX_RESULT_BYTES + 1, undefined]],
    })
    expect(readIn(Buffer.from('#7 too_large 99999999\n#8 json 1\n2\n'), [100])).toMatchObject({
      tooLarge: [[99_999_999, '7']],
      answers: [{ id: '8' }],
    })
  })
})

function frame({ id, kind, body, isQuiet }: { id: string; kind: string; body: Uint8Array; isQuiet: boolean }): Buffer {
  const head = `#${id} ${kind} ${body.length}${isQuiet ? ' quiet' : ''}\n`
  return Buffer.concat([Buffer.from(head), body, Buffer.from('\n')])
}

function readIn(bytes: Buffer, sizes: number[]) {
  const seen = { answers: [] as Answer[], tooLarge: [] as Array<[number, string | undefined]>, isInvalid: false }
  const reader = new AnswerReader({
    onAnswer: (answer) => seen.answers.push(answer),
    onTooLarge: (size, id) => seen.tooLarge.push([size, id]),
    onInvalid: () => {
      seen.isInvalid = true
    },
  })
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number
    const chunk = Buffer.from(bytes.subarray(at, at + size))
    reader.push(chunk)
    chunk.fill(0xff) // as the next read does
    at += size
  }
  return seen
}
