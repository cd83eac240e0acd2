import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import { systemContext } from '@/lib/context'
import type { FoundEnvironment } from '@/lib/runtime/port'
import { makeUserContext } from '@/lib/testing/contexts'
import { testDatabase } from '@/lib/testing/database'
import { syncEnvironments } from './commands/sync-environments'
import { moveEnvironment, setDefaultEnvironment, updateEnvironment } from './commands/update-environment'
import { discoverEnvironments, lookForEnvironments } from './discover'
import { listEnvironments, listManagedEnvironments } from './queries'

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
      await writeFile(
        path.join(bin, name),
        `#!/bin/sh\n${version === '9.9.9' ? 'echo no module named venv >&2; exit 1' : `echo ${version}`}\n`,
        {
          mode: 0o755,
        },
      )
    }
    const shims = path.join(folder, 'pyenv/shims')
    await mkdir(shims)
    await symlink('/bin/false', path.join(shims, 'python3.9'))
    const { found, passedOver } = await lookForEnvironments(shims)
    expect(found).toContainEqual({
      name: 'python39',
      displayName: 'Python 3.9',
      language: 'python',
      interpreterPath: path.join(folder, 'pyenv/versions/3.9.18/bin/python3.9'),
      exactVersion: '3.9.18',
    })
    expect(found.map(({ name }) => name)).not.toContain('python36')
    expect(found.map(({ name }) => name)).not.toContain('python38')
    expect(passedOver).toContainEqual({
      interpreterPath: path.join(folder, 'pyenv/versions/3.6.15/bin/python3.6'),
      why: 'Python 3.6.15 is too old: 3.7 is the oldest that runs.',
    })
    expect(passedOver).toContainEqual({
      interpreterPath: path.join(folder, 'pyenv/versions/9.9.9/bin/python3.8'),
      why: 'Run as a worker’s user it ended with exit code 1: no module named venv',
    })
  })

  it.skipIf(process.getuid?.() !== 0)('leaves out what the workers’ user may not execute', async () => {
    const bin = path.join(folder, 'private')
    await mkdir(bin)
    await writeFile(path.join(bin, 'python3.10'), '#!/bin/sh\necho 3.10.1\n', { mode: 0o755 })
    expect((await discoverEnvironments(bin)).map(({ name }) => name)).toContain('python310')
    await chmod(bin, 0o700)
    const { found, passedOver } = await lookForEnvironments(bin)
    expect(found.map(({ name }) => name)).not.toContain('python310')
    expect(passedOver).toContainEqual({
      interpreterPath: path.join(bin, 'python3.10'),
      why: 'Workers may not execute it: install it where every user may read it.',
    })
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

  describe('in an administrator’s hands', () => {
    let admin: Awaited<ReturnType<typeof makeUserContext>>
    const found = [python(12, '3.12.0'), python(11, '3.11.2'), python(7, '3.7.16')]
    const idOf = async (name: string) =>
      (await database.db.environment.findUniqueOrThrow({ where: { name }, select: { id: true } })).id

    beforeAll(async () => {
      admin = await makeUserContext(database.db, { isAdmin: true })
      await database.db.environment.deleteMany()
      await syncEnvironments(SYSTEM, async () => found)
    })

    it('is offered the guide’s Python 3.7 where there is one', async () => {
      expect(await listEnvironments(admin.ctx)).toContainEqual(
        expect.objectContaining({ name: 'python37', displayName: 'Python 3.7', exactVersion: '3.7.16' }),
      )
      const { name } = await createAlgorithm(admin.ctx, { name: 'Guide', environment: 'python37' })
      expect(name).toBe('Guide')
    })

    it('is renamed, and keeps its name when it is found again', async () => {
      const environmentId = await idOf('python311')
      await updateEnvironment(admin.ctx, { environmentId, displayName: 'Python 3.11 (house)' })
      await syncEnvironments(SYSTEM, async () => found)
      const renamed = (await listEnvironments(admin.ctx)).find(({ name }) => name === 'python311')
      expect(renamed?.displayName).toBe('Python 3.11 (house)')
    })

    it('is ordered, place by place', async () => {
      expect(await listed()).toEqual(['python312 3.12.0 default', 'python311 3.11.2', 'python37 3.7.16'])
      await moveEnvironment(admin.ctx, { environmentId: await idOf('python37'), direction: 'up' })
      expect(await listed()).toEqual(['python312 3.12.0 default', 'python37 3.7.16', 'python311 3.11.2'])
      await moveEnvironment(admin.ctx, { environmentId: await idOf('python311'), direction: 'down' })
      expect(await listed()).toEqual(['python312 3.12.0 default', 'python37 3.7.16', 'python311 3.11.2'])
    })

    it('becomes the default, which is always offered', async () => {
      const environmentId = await idOf('python311')
      await setDefaultEnvironment(admin.ctx, { environmentId })
      expect((await listed())[0]).toBe('python311 3.11.2 default')
      await expect(updateEnvironment(admin.ctx, { environmentId, isEnabled: false })).rejects.toMatchObject({
        code: 'conflict',
      })
      await syncEnvironments(SYSTEM, async () => found)
      expect((await listed())[0]).toBe('python311 3.11.2 default')
    })

    it('is switched off for new algorithms; those that have it keep it', async () => {
      await updateEnvironment(admin.ctx, { environmentId: await idOf('python37'), isEnabled: false })
      expect(await listed()).toEqual(['python311 3.11.2 default', 'python312 3.12.0'])
      await expect(createAlgorithm(admin.ctx, { name: 'Late', environment: 'python37' })).rejects.toMatchObject({
        code: 'invalid_input',
      })
      const all = await listManagedEnvironments(admin.ctx)
      expect(all.find(({ name }) => name === 'python37')).toMatchObject({ isEnabled: false, algorithmCount: 1 })
    })

    it('leaves a trace of each change', async () => {
      const actions = await database.db.auditEvent.findMany({ where: { targetKind: 'environment' } })
      expect(new Set(actions.map(({ action }) => action))).toEqual(
        new Set(['environment.update', 'environment.move', 'environment.set-default']),
      )
    })

    it('is not there for others', async () => {
      const { ctx } = await makeUserContext(database.db)
      const environmentId = await idOf('python312')
      await expect(listManagedEnvironments(ctx)).rejects.toMatchObject({ code: 'not_found' })
      await expect(setDefaultEnvironment(ctx, { environmentId })).rejects.toMatchObject({ code: 'not_found' })
      await expect(updateEnvironment(ctx, { environmentId, isEnabled: false })).rejects.toMatchObject({
        code: 'not_found',
      })
      await expect(moveEnvironment(ctx, { environmentId, direction: 'up' })).rejects.toMatchObject({
        code: 'not_found',
      })
    })
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
