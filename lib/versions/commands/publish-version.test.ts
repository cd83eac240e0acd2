import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { getAlgorithm, listAlgorithms } from '@/lib/algorithms/queries'
import { subscribeLive } from '@/lib/live/bus'
import { makeAlgorithm, makeBuild, makeVersion } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { getPublicationDraft, listVersions } from '../queries'
import { publishVersion } from './publish-version'

let database: TestDatabase
let owner: TestUser
let other: TestUser
let admin: TestUser

beforeAll(async () => {
  database = await testDatabase()
  owner = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
  admin = await makeUserContext(database.db, { isAdmin: true })
})
afterAll(() => database.close())

describe('publishing', () => {
  it('gives the build the next number, with notes and samples, and tells who watches', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'First')
    const build = await makeBuild(database.db, algorithm)
    const topics: string[] = []
    const stop = subscribeLive(new Set([`algorithm:${algorithm.id}`] as const), (topic) => topics.push(topic))
    const published = await publishVersion(owner.ctx, {
      ...algorithm.path,
      buildId: build.id,
      bump: 'minor',
      releaseNotes: 'The first one.',
      sampleInput: '"Jane"',
      sampleOutput: '"hello Jane"',
    })
    stop()
    expect(published).toMatchObject({ semanticVersion: '0.1.0', endpoint: `${owner.account.name}/First/0.1.0` })
    expect(topics).toEqual([`algorithm:${algorithm.id}`])
    expect(await getAlgorithm(owner.ctx, algorithm.path)).toMatchObject({
      latestVersion: { semanticVersion: '0.1.0', callability: 'private', sampleInput: '"Jane"' },
    })
    expect(await listVersions(owner.ctx, algorithm.path)).toMatchObject([{ releaseNotes: 'The first one.' }])
    const audit = await database.db.auditEvent.findFirstOrThrow({ where: { action: 'version.publish' } })
    expect(audit.targetName).toBe(published.endpoint)
  })

  it('takes a build only once', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Once')
    const { buildId } = await makeVersion(database.db, owner.ctx, algorithm)
    await expect(publishVersion(owner.ctx, { ...algorithm.path, buildId })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('0.0.1'),
    })
  })

  it.each(['queued', 'in_progress', 'failed'] as const)('refuses a build that is %s', async (status) => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, `Build_${status}`)
    const build = await makeBuild(database.db, algorithm)
    await database.db.build.update({ where: { id: build.id }, data: { status } })
    await expect(publishVersion(owner.ctx, { ...algorithm.path, buildId: build.id })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('gives two builds that are published at once two numbers', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Both')
    const builds = [await makeBuild(database.db, algorithm), await makeBuild(database.db, algorithm)]
    const published = await Promise.all(
      builds.map((build) => publishVersion(owner.ctx, { ...algorithm.path, buildId: build.id })),
    )
    expect(published.map((version) => version.semanticVersion).sort()).toEqual(['0.0.1', '0.0.2'])
  })

  it('changes who may call at a major version only', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Callable')
    await makeVersion(database.db, owner.ctx, algorithm, { bump: 'minor' })
    const attempt = makeVersion(database.db, owner.ctx, algorithm, { bump: 'minor', callability: 'public' })
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_input', fields: { callability: expect.any(String) } })
    const major = await makeVersion(database.db, owner.ctx, algorithm, { bump: 'major', callability: 'public' })
    expect(major.semanticVersion).toBe('1.0.0')
  })

  it('answers not found to another account, and for another algorithm’s build', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Mine')
    const build = await makeBuild(database.db, algorithm)
    const foreign = await makeAlgorithm(database.db, other.ctx, 'Theirs')
    const buildId = build.id
    await expect(publishVersion(other.ctx, { ...algorithm.path, buildId })).rejects.toMatchObject({ code: 'not_found' })
    await expect(publishVersion(other.ctx, { ...foreign.path, buildId })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('the publish dialog', () => {
  it('starts from the commits since the last version, newest first', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Draft')
    const first = await makeBuild(database.db, algorithm)
    const draft = await getPublicationDraft(owner.ctx, { ...algorithm.path, buildId: first.id })
    expect(draft).toMatchObject({ last: null, commits: [{ sha: algorithm.commitSha, message: 'Initial commit' }] })
    await publishVersion(owner.ctx, { ...algorithm.path, buildId: first.id, sampleInput: '1' })
    let parentSha = algorithm.commitSha
    for (const text of ['one', 'two']) {
      const changes = [{ path: 'src/Draft.py', text }]
      parentSha = (await saveSource(owner.ctx, { ...algorithm.path, parentSha, changes, message: text })).commitSha
    }
    const second = await makeBuild(database.db, { ...algorithm, commitSha: parentSha })
    const next = await getPublicationDraft(owner.ctx, { ...algorithm.path, buildId: second.id })
    expect(next.commits.map((commit) => commit.message)).toEqual(['two', 'one'])
    expect(next).toMatchObject({ last: { major: 0, minor: 0, revision: 1, callability: 'private' }, sampleInput: '1' })
  })
})

describe('what others see', () => {
  it('is nothing of a private algorithm, and the public versions of a public one', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Seen')
    await makeVersion(database.db, owner.ctx, algorithm, { bump: 'minor' })
    await expect(getAlgorithm(other.ctx, algorithm.path)).rejects.toMatchObject({ code: 'not_found' })
    expect((await listAlgorithms(other.ctx, { search: 'Seen', page: 1 })).total).toBe(0)
    expect(await getAlgorithm(admin.ctx, algorithm.path)).toMatchObject({ canEdit: false })

    await makeVersion(database.db, owner.ctx, algorithm, { bump: 'major', callability: 'public' })
    await makeVersion(database.db, owner.ctx, algorithm, { bump: 'major', callability: 'private' })
    const seen = await getAlgorithm(other.ctx, algorithm.path)
    expect(seen).toMatchObject({ canEdit: false, canReadSource: false, latestVersion: { semanticVersion: '1.0.0' } })
    const numbers = (await listVersions(other.ctx, algorithm.path)).map((version) => version.semanticVersion)
    expect(numbers).toEqual(['1.0.0'])
    const { algorithms } = await listAlgorithms(other.ctx, { search: 'seen', page: 1 })
    expect(algorithms).toMatchObject([{ endpoint: seen.endpoint, isMine: false, semanticVersion: '1.0.0' }])
  })
})
