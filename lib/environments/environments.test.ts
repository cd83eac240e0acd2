import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemContext } from '@/lib/context'
import type { FoundEnvironment } from '@/lib/runtime/port'
import { makeUserContext } from '@/lib/testing/contexts'
import { testDatabase } from '@/lib/testing/database'
import { syncEnvironments } from './commands'
import { discoverEnvironments } from './discover'
import { listEnvironments } from './queries'

const SYSTEM = systemContext('test')

describe('looking for language runtimes', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-environments-'))
    await chmod(folder, 0o755)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('finds the machine’s Python 3 with its exact version, and Node', async () => {
    const found = await discoverEnvironments('')
    expect(found[0]).toMatchObject({ language: 'python', name: expect.stringMatching(/^python3\d+$/) })
    expect(found[0]?.exactVersion).toMatch(/^3\.\d+\.\d+$/)
    expect(new Set(found.map(({ name }) => name)).size).toBe(found.length)
  })

  it('takes what the interpreter says, looks behind pyenv’s shims, and leaves out what is too old or broken', async () => {
    const versions = { '3.9.18': 'python3.9', '3.6.15': 'python3.6', '9.9.9': 'python3.8' }
    for (const [version, name] of Object.entries(versions)) {
      const bin = path.join(folder, 'pyenv/versions', version, 'bin')
      await mkdir(bin, { recursive: true })
      await writeFile(path.join(bin, name), `#!/bin/sh\n${version === '9.9.9' ? 'exit 1' : `echo ${version}`}\n`, {
        mode: 0o755,
      })
    }
    const shims = path.join(folder, 'pyenv/shims')
    await mkdir(shims)
    await symlink('/bin/false', path.join(shims, 'python3.9'))
    const found = await discoverEnvironments(shims)
    expect(found).toContainEqual({
      name: 'python39',
      displayName: 'Python 3.9',
      language: 'python',
      interpreterPath: path.join(folder, 'pyenv/versions/3.9.18/bin/python3.9'),
      exactVersion: '3.9.18',
    })
    expect(found.map(({ name }) => name)).not.toContain('python36')
    expect(found.map(({ name }) => name)).not.toContain('python38')
  })

  it.skipIf(process.getuid?.() !== 0)('leaves out what the workers’ user may not execute', async () => {
    const bin = path.join(folder, 'private')
    await mkdir(bin)
    await writeFile(path.join(bin, 'python3.10'), '#!/bin/sh\necho 3.10.1\n', { mode: 0o755 })
    expect((await discoverEnvironments(bin)).map(({ name }) => name)).toContain('python310')
    await chmod(bin, 0o700)
    expect((await discoverEnvironments(bin)).map(({ name }) => name)).not.toContain('python310')
  })
})

describe('the table of environments', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>

  beforeAll(async () => {
    database = await testDatabase()
  })
  afterAll(() => database.close())

  it('follows what is found: adds, updates, marks what is gone, keeps one default', async () => {
    await syncEnvironments(SYSTEM, async () => [python(11, '3.11.2'), python(9, '3.9.1')])
    expect(await listed()).toEqual(['python311 3.11.2 default', 'python39 3.9.1'])
    await syncEnvironments(SYSTEM, async () => [python(12, '3.12.0'), python(11, '3.11.9'), python(9, '3.9.1')])
    expect(await listed()).toEqual(['python311 3.11.9 default', 'python312 3.12.0', 'python39 3.9.1'])
    await syncEnvironments(SYSTEM, async () => [python(9, '3.9.1')])
    expect(await listed()).toEqual(['python39 3.9.1 default'])
    expect(await database.db.environment.count()).toBe(3)
    await syncEnvironments(SYSTEM, async () => [])
    expect(await listed()).toEqual([])
  })

  it('is written by the program and administrators only', async () => {
    const { ctx } = await makeUserContext(database.db)
    await expect(syncEnvironments(ctx, async () => [])).rejects.toMatchObject({ code: 'not_found' })
  })

  async function listed(): Promise<string[]> {
    const { ctx } = await makeUserContext(database.db)
    return (await listEnvironments(ctx)).map(
      ({ name, exactVersion, isDefault }) => `${name} ${exactVersion}${isDefault ? ' default' : ''}`,
    )
  }
})

function python(minor: number, exactVersion: string): FoundEnvironment {
  return {
    name: `python3${minor}`,
    displayName: `Python 3.${minor}`,
    language: 'python',
    interpreterPath: `/usr/bin/python3.${minor}`,
    exactVersion,
  }
}
