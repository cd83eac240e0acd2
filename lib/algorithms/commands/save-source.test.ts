import * as git from 'isomorphic-git'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAlgorithm } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { commitChanges } from '../source/commit'
import { getSource } from '../source/queries'
import { readHead, repositoryOf } from '../source/repository'
import { saveSource } from './save-source'

let database: TestDatabase
let ezra: TestUser
let other: TestUser

beforeAll(async () => {
  database = await testDatabase()
  ezra = await makeUserContext(database.db)
  other = await makeUserContext(database.db, { isAdmin: true })
})
afterAll(() => database.close())

const textOf = (source: Awaited<ReturnType<typeof getSource>>, path: string) =>
  source.files.find((file) => file.path === path)?.text

describe('saving source', () => {
  it('commits what was written and deleted, and keeps the rest', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'Committed')
    const changes = [
      { path: 'src/Committed.py', text: 'def apply(input):\n    return "grüße"\n' },
      { path: 'src/Committed_test.py', text: null },
      { path: 'data/words.txt', text: 'one\n' },
    ]
    const { commitSha } = await saveSource(ezra.ctx, { ...hello.path, parentSha: hello.commitSha, changes })
    const source = await getSource(ezra.ctx, hello.path)
    expect(source.headSha).toBe(commitSha)
    expect(source.isUntouched).toBe(false)
    expect(textOf(source, 'src/Committed.py')).toContain('grüße')
    expect(textOf(source, 'src/Committed_test.py')).toBeUndefined()
    expect(textOf(source, 'data/words.txt')).toBe('one\n')
    expect(textOf(source, 'src/__init__.py')).toBe('')
    const row = await database.db.commit.findFirstOrThrow({ where: { sha: commitSha } })
    expect(row).toMatchObject({ message: 'Update 3 files', authorName: ezra.account.name })
  })

  it('is real Git: parents, author and message are in the repository', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'RealGit')
    const changes = [{ path: 'src/RealGit.py', text: '# new\n' }]
    const { commitSha } = await saveSource(ezra.ctx, { ...hello.path, parentSha: hello.commitSha, changes })
    const [newest, first] = await git.log({ ...repositoryOf(hello.id), ref: 'main' })
    expect(newest).toMatchObject({ oid: commitSha, commit: { parent: [hello.commitSha], message: expect.any(String) } })
    expect(newest?.commit.message.trim()).toBe('Update src/RealGit.py')
    expect(newest?.commit.author.name).toBe(ezra.account.name)
    expect(first?.oid).toBe(hello.commitSha)
  })

  it('makes no commit without a difference', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'Same')
    const changes = [{ path: 'src/__init__.py', text: '' }]
    const { commitSha } = await saveSource(ezra.ctx, { ...hello.path, parentSha: hello.commitSha, changes })
    expect(commitSha).toBe(hello.commitSha)
    expect(await database.db.commit.count({ where: { algorithmId: hello.id } })).toBe(1)
  })

  it('refuses to overwrite what another tab saved', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'TwoTabs')
    const save = (text: string) =>
      saveSource(ezra.ctx, { ...hello.path, parentSha: hello.commitSha, changes: [{ path: 'src/TwoTabs.py', text }] })
    await save('first tab')
    await expect(save('second tab')).rejects.toMatchObject({ code: 'conflict' })
    expect(textOf(await getSource(ezra.ctx, hello.path), 'src/TwoTabs.py')).toBe('first tab')
  })

  it('lets exactly one of many savers at once win', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'Race')
    const saves = await Promise.allSettled(
      Array.from({ length: 8 }, (_, tab) =>
        saveSource(ezra.ctx, {
          ...hello.path,
          parentSha: hello.commitSha,
          changes: [{ path: 'src/Race.py', text: `tab ${tab}` }],
        }),
      ),
    )
    const won = saves.filter((save) => save.status === 'fulfilled')
    expect(won).toHaveLength(1)
    expect(await readHead(repositoryOf(hello.id))).toBe(won[0]?.value.commitSha)
    expect(await database.db.commit.count({ where: { algorithmId: hello.id } })).toBe(2)
  })

  it('finds a commit again whose row was lost in a crash', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'Crashed')
    const change = (text: string) => [{ path: 'src/Crashed.py', text }]
    const request = { algorithmId: hello.id, message: 'lost', authorName: 'ezra', changes: change('lost') }
    let lostSha = ''
    const crash = database.db.$transaction(async (tx) => {
      lostSha = await commitChanges(tx, { ...request, parentSha: hello.commitSha })
      throw new Error('the server dies here')
    })
    await expect(crash).rejects.toThrow('dies here')
    expect(await database.db.commit.count({ where: { sha: lostSha } })).toBe(0)
    const again = { ...hello.path, changes: change('found') }
    await expect(saveSource(ezra.ctx, { ...again, parentSha: hello.commitSha })).rejects.toMatchObject({
      code: 'conflict',
    })
    const { commitSha } = await saveSource(ezra.ctx, { ...again, parentSha: lostSha })
    const rows = await database.db.commit.findMany({ where: { algorithmId: hello.id }, select: { sha: true } })
    expect(rows.map((row) => row.sha).sort()).toEqual([hello.commitSha, lostSha, commitSha].sort())
  })

  it('refuses paths that leave the tree, and a file inside a file', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'Paths')
    const save = (path: string) =>
      saveSource(ezra.ctx, { ...hello.path, parentSha: hello.commitSha, changes: [{ path, text: 'x' }] })
    await expect(save('../escape')).rejects.toMatchObject({ name: 'ZodError' })
    await expect(save('.git/hooks/post-commit')).rejects.toMatchObject({ name: 'ZodError' })
    await expect(save('requirements.txt/x')).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('answers not found to another account, an administrator’s too', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'Foreign')
    const changes = [{ path: 'src/Foreign.py', text: 'stolen' }]
    const attempt = saveSource(other.ctx, { ...hello.path, parentSha: hello.commitSha, changes })
    await expect(attempt).rejects.toMatchObject({ code: 'not_found' })
  })

  it('refuses an algorithm at work', async () => {
    const hello = await makeAlgorithm(database.db, ezra.ctx, 'AtWork')
    const actor = {
      kind: 'algorithm',
      accountId: ezra.account.id,
      name: 'x/y',
      algorithmId: hello.id,
      algorithmOwnerId: ezra.account.id,
      dataRight: 'read_write',
    } as const
    const attempt = saveSource({ actor }, { ...hello.path, parentSha: hello.commitSha, changes: [] })
    await expect(attempt).rejects.toMatchObject({ code: 'forbidden' })
  })
})
