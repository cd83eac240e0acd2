import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { renderClientTable } from './client-table'

const DOCUMENT = new URL('../../../../docs/broker.md', import.meta.url)
const PLACE = /(<!-- clients -->\n\n)[\s\S]*?(\n\n<!-- \/clients -->)/

it('the table of clients in docs/broker.md says what the tests hold (UPDATE_DOCS=1 writes it)', () => {
  const before = readFileSync(DOCUMENT, 'utf8')
  const after = before.replace(PLACE, (_, start: string, end: string) => `${start}${renderClientTable()}${end}`)
  expect(before).toMatch(PLACE)
  if (process.env.UPDATE_DOCS) writeFileSync(DOCUMENT, after)
  else expect(withoutPadding(before)).toBe(withoutPadding(after))
})

/** The formatter pads a table's cells. */
function withoutPadding(text: string): string {
  return text.replace(/ +/g, ' ').replace(/-{3,}/g, '---')
}
