import { createHash } from 'node:crypto'

/** What `requirements.txt` asks for, in a form that is the same for the same packages. */
export type Requirements = {
  /** Without comments and blank lines, names and blanks in one form, sorted. */
  lines: string[]
  /** Some line points into the algorithm's own folder, so that the environment can not be shared. */
  needsSource: boolean
}

const COMMENT = /(^|\s)#.*$/
const CONTINUED = /\\\r?\n/g
const POINTS_INTO_SOURCE = /^(-[erc]\b|--(editable|requirement|constraint)\b|[./])|\bfile:/

export function parseRequirements(text: string): Requirements {
  const lines = text
    .replace(CONTINUED, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(COMMENT, '').trim())
    .filter(Boolean)
    .map(normalize)
    .sort()
  return { lines, needsSource: lines.some((line) => POINTS_INTO_SOURCE.test(line)) }
}

/** A name in the form of PEP 503, and no blanks around what follows; options, URLs and markers stay as they are. */
function normalize(line: string): string {
  const named = /^([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*((?:[=<>!~]=?=?\s*[\w.*+!-]+\s*,?\s*)*)$/.exec(line)
  if (!named) return line.replace(/\s+/g, ' ')
  const [, name = '', extras = '', versions = ''] = named
  return `${name.toLowerCase().replace(/[-_.]+/g, '-')}${extras}${versions}`.replace(/\s+/g, '')
}

/** Names what an environment is made of: the same parts give the same key. */
export function environmentKeyOf(parts: Record<string, unknown>): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** SHA-256 over names and bytes of a source tree. */
export function hashTree(files: Map<string, Uint8Array>): string {
  const hash = createHash('sha256')
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}
