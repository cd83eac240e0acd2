import { describe, expect, it } from 'vitest'
import { MarkedOutput, makeOutputMark } from './output-marks'

const mark = makeOutputMark()
const MAX_BYTES = 100

/** Cuts `text`, in which each `|` is a mark, after it came in chunks of `size` bytes. */
function cut(text: string, size: number) {
  const parts = text
    .split('|')
    .flatMap((part, index) => (index > 0 ? [mark.framed, Buffer.from(part)] : [Buffer.from(part)]))
  const bytes = Buffer.concat(parts)
  let marks = 0
  const output = new MarkedOutput(MAX_BYTES, mark, () => marks++)
  output.expectMarks()
  for (let at = 0; at < bytes.length; at += size) output.push(bytes.subarray(at, at + size))
  expect(output.sections).toBe(marks)
  return Array.from({ length: marks + 1 }, () => output.take())
}

describe('the output of calls that follow one another', () => {
  it('is cut at the marks, however they come in', () => {
    const text = 'one||three \0 and \0\n|grüße\0|'
    for (let size = 1; size < 100; size++) {
      expect(
        cut(text, size).map((section) => section.text),
        `chunks of ${size}`,
      ).toEqual(['one', '', 'three \uFFFD and \uFFFD\n', 'grüße\uFFFD', ''])
    }
  })

  it('is capped for each call', () => {
    const sections = cut(`${'a'.repeat(300)}|b|${'c'.repeat(300)}`, 64)
    expect(sections.map(({ isTruncated }) => isTruncated)).toEqual([true, false, true])
  })

  it('may end like the beginning of a mark', () => {
    const output = new MarkedOutput(MAX_BYTES, mark, () => undefined)
    output.expectMarks()
    output.push(Buffer.concat([Buffer.from('so'), mark.framed.subarray(0, 9)]))
    expect(output.peek()).toBe(`so\uFFFD${mark.word.slice(0, 8)}`)
    expect(output.take().text).toBe(`so\uFFFD${mark.word.slice(0, 8)}`)
  })

  it('goes on when a mark did not come in time, and passes over it later', () => {
    let marks = 0
    const output = new MarkedOutput(MAX_BYTES, mark, () => marks++)
    output.expectMarks()
    output.push(Buffer.from('first'))
    output.giveUpMark()
    expect(output.take().text).toBe('first')
    output.push(Buffer.concat([mark.framed, Buffer.from('second'), mark.framed, Buffer.from('third')]))
    expect(marks).toBe(1)
    expect([output.take().text, output.take().text]).toEqual(['second', 'third'])
  })

  it('holds no words that look like marks of others', () => {
    const output = new MarkedOutput(MAX_BYTES, mark, () => undefined)
    output.expectMarks()
    output.push(makeOutputMark().framed)
    expect(output.sections).toBe(0)
  })
})
