import { availableParallelism } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { subscribeLive } from '@/lib/live/bus'
import type { Builder, BuildResult } from '@/lib/runtime/port'
import { makeAlgorithm, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { deferred } from '@/lib/testing/deferred'
import { CLAIM_SECONDS, claimBuild, failAbandonedBuilds, renewClaims } from '../claims'
import { getBuild, listBuilds } from '../queries'
import { closeBuilds, openBuilds, whenBuildsAreDone } from '../queue'
import { MAX_LOG_CHARS } from '../schema'
import { cancelBuild } from './cancel-build'
import { startBuild } from './start-build'

let database: TestDatabase
let owner: TestUser
let other: TestUser
let runtime: ReturnType<typeof recordRuntimeCalls> | undefined

beforeAll(async () => {
  database = await testDatabase()
  owner = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
})
afterEach(async () => {
  await whenBuildsAreDone()
  runtime?.end()
  runtime = undefined
})
afterAll(() => database.close())

const buildWith = (build: Builder['build']) => {
  runtime = recordRuntimeCalls(build)
  return runtime
}

describe('a build', () => {
  it('is of the newest commit, with all its files, and ends with a log', async () => {
    const { builds } = buildWith(async (_request, onLine) => {
      onLine('Installing')
      onLine('Done\0')
      return { ok: true, environmentKey: 'key' }
    })
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Built')
    const changes = [{ path: 'src/Built.py', text: '# newer\n' }]
    const saved = await saveSource(owner.ctx, { ...algorithm.path, parentSha: algorithm.commitSha, changes })
    const { buildId, commitSha } = await startBuild(owner.ctx, algorithm.path)
    expect(commitSha).toBe(saved.commitSha)
    await whenBuildsAreDone()
    expect(await getBuild(owner.ctx, { ...algorithm.path, buildId })).toMatchObject({
      status: 'succeeded',
      log: 'Installing\nDone\n',
      isPublishable: true,
      startedAt: expect.any(Date),
      finishedAt: expect.any(Date),
    })
    expect(builds).toMatchObject([{ algorithmId: algorithm.id, commitSha, language: 'python' }])
    expect(Buffer.from(builds[0]?.files.get('src/Built.py') ?? []).toString()).toBe('# newer\n')
    expect(builds[0]?.files.has('requirements.txt')).toBe(true)
  })

  it('tells who watches it from queued to its end', async () => {
    const started = deferred()
    const end = deferred<BuildResult>()
    buildWith((_request, onLine) => {
      onLine('one line')
      started.resolve()
      return end.promise
    })
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Watched')
    const { buildId } = await startBuild(owner.ctx, algorithm.path)
    await started.promise
    const line = deferred()
    const stop = subscribeLive(new Set([`build:${buildId}` as const]), () => line.resolve())
    await line.promise
    expect(await getBuild(owner.ctx, { ...algorithm.path, buildId })).toMatchObject({
      status: 'in_progress',
      log: 'one line\n',
    })
    end.resolve({ ok: true, environmentKey: null })
    await whenBuildsAreDone()
    stop()
  })

  it('that failed says why, and can not be published', async () => {
    buildWith(async () => ({ ok: false, error: 'requirements.txt names no-such-package.' }))
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Failing')
    const { buildId } = await startBuild(owner.ctx, algorithm.path)
    await whenBuildsAreDone()
    expect(await getBuild(owner.ctx, { ...algorithm.path, buildId })).toMatchObject({
      status: 'failed',
      error: 'requirements.txt names no-such-package.',
      isPublishable: false,
    })
  })

  it('that hits a defect ends with a sentence, not with a stack trace', async () => {
    buildWith(async () => {
      throw new Error('ENOENT /secret/path')
    })
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Defect')
    const { buildId } = await startBuild(owner.ctx, algorithm.path)
    await whenBuildsAreDone()
    const build = await getBuild(owner.ctx, { ...algorithm.path, buildId })
    expect(build.status).toBe('failed')
    expect(build.error).toContain(buildId)
    expect(build.error).not.toContain('/secret/path')
  })

  it('keeps a bounded log', async () => {
    buildWith(async (_request, onLine) => {
      for (let line = 0; line < 2 * 1024; line++) onLine('x'.repeat(1023))
      return { ok: true, environmentKey: null }
    })
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Chatty')
    const { buildId } = await startBuild(owner.ctx, algorithm.path)
    await whenBuildsAreDone()
    const { log } = await getBuild(owner.ctx, { ...algorithm.path, buildId })
    expect(log.length).toBeLessThan(MAX_LOG_CHARS + 200)
    expect(log).toMatch(/the rest is dropped\.\n$/)
  })

  it('that still runs is not started a second time', async () => {
    const end = deferred<BuildResult>()
    const { builds } = buildWith(() => end.promise)
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Twice')
    const first = await startBuild(owner.ctx, algorithm.path)
    const second = await startBuild(owner.ctx, algorithm.path)
    expect(second.buildId).toBe(first.buildId)
    end.resolve({ ok: true, environmentKey: null })
    await whenBuildsAreDone()
    expect(builds).toHaveLength(1)
    const third = await startBuild(owner.ctx, algorithm.path)
    expect(third.buildId).not.toBe(first.buildId)
  })

  it('is not found by another account', async () => {
    buildWith(async () => ({ ok: true, environmentKey: null }))
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Private')
    const { buildId } = await startBuild(owner.ctx, algorithm.path)
    await expect(startBuild(other.ctx, algorithm.path)).rejects.toMatchObject({ code: 'not_found' })
    await expect(getBuild(other.ctx, { ...algorithm.path, buildId })).rejects.toMatchObject({ code: 'not_found' })
    await expect(listBuilds(other.ctx, algorithm.path)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is refused while the server is not ready', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Early')
    await expect(startBuild(owner.ctx, algorithm.path)).rejects.toMatchObject({ code: 'unavailable' })
    expect((await listBuilds(owner.ctx, algorithm.path)).total).toBe(0)
  })
})

describe('the list of builds', () => {
  it('filters by commit and status', async () => {
    let ok = true
    buildWith(async () => (ok ? { ok: true, environmentKey: null } : { ok: false, error: 'no' }))
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Listed')
    await startBuild(owner.ctx, algorithm.path)
    await whenBuildsAreDone()
    ok = false
    const changes = [{ path: 'src/Listed.py', text: 'broken' }]
    const saved = await saveSource(owner.ctx, { ...algorithm.path, parentSha: algorithm.commitSha, changes })
    await startBuild(owner.ctx, algorithm.path)
    await whenBuildsAreDone()
    const all = await listBuilds(owner.ctx, algorithm.path)
    expect(all.builds.map((build) => [build.status, build.isPublishable])).toEqual([
      ['failed', false],
      ['succeeded', true],
    ])
    const failed = await listBuilds(owner.ctx, { ...algorithm.path, status: 'failed' })
    expect(failed.builds.map((build) => build.commitSha)).toEqual([saved.commitSha])
    const found = await listBuilds(owner.ctx, { ...algorithm.path, filter: algorithm.commitSha.slice(0, 10) })
    expect(found.builds.map((build) => build.commitSha)).toEqual([algorithm.commitSha])
  })
})

describe('stopping and starting again', () => {
  it('queues again what a stop cuts short, for the next start to go on with', async () => {
    const started = deferred()
    buildWith(
      (_request, _onLine, signal) =>
        new Promise((resolve) => {
          signal?.addEventListener('abort', () => resolve({ ok: false, error: 'The server stopped.' }))
          started.resolve()
        }),
    )
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Stopped')
    const { buildId } = await startBuild(owner.ctx, algorithm.path)
    await started.promise
    await closeBuilds()
    expect(await getBuild(owner.ctx, { ...algorithm.path, buildId })).toMatchObject({ status: 'queued', log: '' })
    expect((await startBuild(owner.ctx, algorithm.path)).buildId).toBe(buildId)
    runtime?.end()
    buildWith(async () => ({ ok: true, environmentKey: null }))
    openBuilds()
    await expect
      .poll(async () => (await getBuild(owner.ctx, { ...algorithm.path, buildId })).status, { timeout: 10_000 })
      .toBe('succeeded')
    await closeBuilds()
  })

  it('marks as failed what a process that died has left, and nothing that another one still works on', async () => {
    buildWith(async () => ({ ok: true, environmentKey: null }))
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'LeftBehind')
    const claimed = (heartbeatAt: Date) =>
      database.db.build.create({
        data: {
          algorithmId: algorithm.id,
          commitSha: algorithm.commitSha,
          status: 'in_progress',
          claimedBy: 'another process',
          heartbeatAt,
        },
      })
    const alive = await claimed(new Date())
    const dead = await claimed(new Date(Date.now() - 2 * CLAIM_SECONDS * 1_000))
    expect(await failAbandonedBuilds()).toEqual([{ id: dead.id, algorithmId: algorithm.id }])
    expect(await getBuild(owner.ctx, { ...algorithm.path, buildId: dead.id })).toMatchObject({
      status: 'failed',
      error: 'The server stopped before this build was done. Build again.',
    })
    expect(await renewClaims('this process', [alive.id])).toEqual(new Map())
    expect(await renewClaims('another process', [alive.id])).toEqual(new Map([[alive.id, 'building']]))
  })

  it('shares the queue between processes: each build is taken once, the oldest first', async () => {
    const queued = []
    for (const name of ['First', 'Second', 'Third']) {
      const { id: algorithmId, commitSha } = await makeAlgorithm(database.db, owner.ctx, `Queued${name}`)
      queued.push((await database.db.build.create({ data: { algorithmId, commitSha } })).id)
    }
    const claims = await Promise.all([claimBuild('a'), claimBuild('b'), claimBuild('a'), claimBuild('b')])
    expect(claims.filter(Boolean).sort()).toEqual([...queued].sort())
    const first = await database.db.build.findUniqueOrThrow({ where: { id: queued[0] } })
    expect(first).toMatchObject({ status: 'in_progress', heartbeatAt: expect.any(Date) })
    await database.db.build.updateMany({ where: { id: { in: queued } }, data: { status: 'failed' } })
  })
})

describe('cancelling', () => {
  /** Runs until it is cancelled. */
  const endless: Builder['build'] = (_request, _onLine, signal) =>
    new Promise((resolve) => {
      const end = () => resolve({ ok: false, error: 'The build was cancelled.' })
      signal?.addEventListener('abort', end)
      if (signal?.aborted) end()
    })

  it('ends a build that runs, and one that waits, and says so', async () => {
    buildWith(endless)
    openBuilds()
    const places = availableParallelism()
    const algorithms = []
    for (let index = 0; index <= places + 1; index++) {
      algorithms.push(await makeAlgorithm(database.db, owner.ctx, `Cancelled${index}`))
    }
    const builds: { owner: string; name: string; buildId: string }[] = []
    for (const algorithm of algorithms) {
      builds.push({ ...algorithm.path, buildId: (await startBuild(owner.ctx, algorithm.path)).buildId })
    }
    const stateOf = (index: number) => getBuild(owner.ctx, builds[index] as (typeof builds)[number])
    await expect.poll(async () => (await stateOf(places - 1)).status).toBe('in_progress')
    expect(await stateOf(places)).toMatchObject({ status: 'queued', queuePosition: 1 })
    expect(await stateOf(places + 1)).toMatchObject({ status: 'queued', queuePosition: 2 })
    expect(await stateOf(0)).toMatchObject({ status: 'in_progress', queuePosition: null })

    const moved = deferred()
    const last = builds[places + 1] as (typeof builds)[0]
    const stop = subscribeLive(new Set([`build:${last.buildId}` as const]), () => moved.resolve())
    await cancelBuild(owner.ctx, builds[places] as (typeof builds)[0])
    await moved.promise
    stop()
    expect(await stateOf(places)).toMatchObject({ status: 'cancelled', error: 'Cancelled before it began.' })
    expect(await stateOf(places + 1)).toMatchObject({ queuePosition: 1 })
    for (const index of builds.keys()) if (index !== places) await cancelBuild(owner.ctx, builds[index] as never)
    await whenBuildsAreDone()
    expect(await stateOf(0)).toMatchObject({ status: 'cancelled', error: 'The build was cancelled.' })
    await expect(cancelBuild(owner.ctx, builds[0] as never)).rejects.toMatchObject({ code: 'conflict' })
    expect(await database.db.auditEvent.count({ where: { action: 'build.cancel' } })).toBe(builds.length)
    await closeBuilds()
  })

  it('reaches a build that another process runs', async () => {
    buildWith(endless)
    openBuilds()
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Elsewhere')
    const { buildId } = await startBuild(owner.ctx, algorithm.path)
    await expect
      .poll(async () => (await getBuild(owner.ctx, { ...algorithm.path, buildId })).status)
      .toBe('in_progress')
    // As a command in another process leaves it.
    await database.db.build.update({ where: { id: buildId }, data: { cancelRequestedAt: new Date() } })
    await expect
      .poll(async () => (await getBuild(owner.ctx, { ...algorithm.path, buildId })).status, { timeout: 10_000 })
      .toBe('cancelled')
    await closeBuilds()
  })

  it('is for the algorithm’s owner', async () => {
    buildWith(async () => ({ ok: true, environmentKey: null }))
    openBuilds()
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'NotYours')
    const { buildId } = await startBuild(owner.ctx, algorithm.path)
    await expect(cancelBuild(other.ctx, { ...algorithm.path, buildId })).rejects.toMatchObject({ code: 'not_found' })
    await whenBuildsAreDone()
    await closeBuilds()
  })
})
