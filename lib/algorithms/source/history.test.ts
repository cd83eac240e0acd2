import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAlgorithm, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { saveSource } from '../commands/save-source'
import { updateAlgorithm } from '../commands/update-algorithm'
import { listHistory, readSourceChanges } from './history'

let database: TestDatabase
let owner: TestUser
let runtime: ReturnType<typeof recordRuntimeCalls>
let algorithm: Awaited<ReturnType<typeof makeAlgorithm>>
let headSha: string

beforeAll(async () => {
  database = await testDatabase()
  runtime = recordRuntimeCalls()
  owner = await makeUserContext(database.db)
  algorithm = await makeAlgorithm(database.db, owner.ctx, 'Told')
  await makeVersion(database.db, owner.ctx, algorithm, { callability: 'public' })
  const changes = [
    { path: 'src/Told.py', text: 'def apply(input):\n    return 1\n' },
    { path: 'src/Told_test.py', text: null },
    { path: 'notes.txt', text: 'new\n' },
  ]
  const saved = await saveSource(owner.ctx, {
    ...algorithm.path,
    parentSha: algorithm.commitSha,
    changes,
    message: 'Answer one',
  })
  headSha = saved.commitSha
})
afterAll(async () => {
  runtime.end()
  await database.close()
})

describe('the history of a source', () => {
  it('is Git’s, newest first, with the versions that came of it', async () => {
    expect(await listHistory(owner.ctx, algorithm.path)).toEqual([
      {
        sha: headSha,
        message: 'Answer one',
        authorName: owner.account.name,
        committedAt: expect.any(Number),
        versions: [],
      },
      expect.objectContaining({ sha: algorithm.commitSha, message: 'Initial commit', versions: ['0.0.1'] }),
    ])
  })

  it('tells what a commit changed, and what differs between two', async () => {
    const changed = await readSourceChanges(owner.ctx, { ...algorithm.path, to: headSha })
    expect(changed.map(({ path, before, after }) => [path, before === null, after === null])).toEqual([
      ['notes.txt', true, false],
      ['src/Told.py', false, false],
      ['src/Told_test.py', false, true],
    ])
    expect(changed[1]).toMatchObject({ after: 'def apply(input):\n    return 1\n', isShown: true })
    const since = { ...algorithm.path, from: algorithm.commitSha, to: headSha }
    expect(await readSourceChanges(owner.ctx, since)).toEqual(changed)
    expect(await readSourceChanges(owner.ctx, { ...algorithm.path, from: headSha, to: headSha })).toEqual([])
    const first = await readSourceChanges(owner.ctx, { ...algorithm.path, to: algorithm.commitSha })
    expect(first.every(({ before }) => before === null)).toBe(true)
  })

  it('is closed to others, until the source is open', async () => {
    const { ctx } = await makeUserContext(database.db)
    await expect(listHistory(ctx, algorithm.path)).rejects.toMatchObject({ code: 'not_found' })
    await expect(readSourceChanges(ctx, { ...algorithm.path, to: headSha })).rejects.toMatchObject({
      code: 'not_found',
    })
    await updateAlgorithm(owner.ctx, { ...algorithm.path, sourceVisibility: 'open', license: 'mit' })
    expect(await listHistory(ctx, algorithm.path)).toHaveLength(2)
  })

  it('knows no commit of elsewhere', async () => {
    const to = 'a'.repeat(40)
    await expect(readSourceChanges(owner.ctx, { ...algorithm.path, to })).rejects.toMatchObject({ code: 'not_found' })
  })
})
