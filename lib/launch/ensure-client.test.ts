import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const PARTS = ['package.json', 'prisma.config.ts', 'prisma/schema.prisma', 'lib/launch']

let root: string

/** A checkout in which nothing has been generated. */
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'headrace-checkout-'))
  mkdirSync(path.join(root, 'prisma'))
  for (const part of PARTS) cpSync(part, path.join(root, part), { recursive: true })
  symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function ensureClient() {
  return spawnSync(process.execPath, ['lib/launch/ensure-client.mjs'], { cwd: root, encoding: 'utf8' })
}

describe('a command that needs the database client', () => {
  it('generates it in a checkout that has none, and only then', () => {
    expect(ensureClient()).toMatchObject({ status: 0, stderr: '' })
    const client = path.join(root, 'lib/generated/prisma/client.ts')
    expect(existsSync(client)).toBe(true)
    const { mtimeMs } = statSync(client)
    expect(ensureClient()).toMatchObject({ status: 0 })
    expect(statSync(client).mtimeMs).toBe(mtimeMs)
  })

  it('says what to do when that fails', () => {
    writeFileSync(path.join(root, 'prisma/schema.prisma'), 'model {')
    const { status, stderr } = ensureClient()
    expect(status).toBe(1)
    expect(stderr).toMatch(/database client failed[\s\S]*Next: .*npm run generate/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})
