import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint } from './build'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'headrace-sources-'))
  write('app/page.tsx', 'page')
  write('lib/flows/queries.ts', 'queries')
  write('package-lock.json', '{}')
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
  writeFileSync(path.join(root, name), text)
}

describe('the fingerprint of the sources', () => {
  it('changes with a content, a name, a new file', () => {
    const seen = new Set([fingerprint(root)])
    write('app/page.tsx', 'other')
    seen.add(fingerprint(root))
    write('app/more.tsx', 'more')
    seen.add(fingerprint(root))
    rmSync(path.join(root, 'lib/flows/queries.ts'))
    seen.add(fingerprint(root))
    expect(seen.size).toBe(4)
  })

  it('stays when only a time changed, or a file that is not in the build', () => {
    const before = fingerprint(root)
    utimesSync(path.join(root, 'app/page.tsx'), 1, 1)
    write('lib/flows/queries.test.ts', 'a test')
    write('lib/launch/up.ts', 'the launcher')
    write('lib/generated/prisma/client.ts', 'generated')
    write('README.md', 'text')
    expect(fingerprint(root)).toBe(before)
  })
})
