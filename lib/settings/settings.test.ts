import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { updateAlgorithm } from '@/lib/algorithms/commands/update-algorithm'
import { readLimits, workerLimits } from '@/lib/algorithms/limits'
import type { Context } from '@/lib/context'
import { MIB, WORKER_LIMITS } from '@/lib/runtime/limits'
import type { RuntimePolicy } from '@/lib/runtime/port'
import { makeAlgorithm, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { resolveEndpoint } from '@/lib/versions/resolve'
import { updateRuntimeSettings } from './commands'
import { followRuntimeSettings } from './follow'
import { forgetRuntimeSettings, getRuntimeSettings, readRuntimeSettings } from './queries'
import { policyOf, RuntimeSettings } from './schema'

let database: TestDatabase
let calls: ReturnType<typeof recordRuntimeCalls>
let admin: Context
let author: Context
let made = 0

beforeAll(async () => {
  database = await testDatabase()
  calls = recordRuntimeCalls()
  admin = (await makeUserContext(database.db, { isAdmin: true })).ctx
  author = (await makeUserContext(database.db)).ctx
})
beforeEach(async () => {
  await database.db.setting.deleteMany()
  forgetRuntimeSettings()
})
afterAll(async () => {
  calls.end()
  await database.close()
})

describe('settings of the runtime', () => {
  it('have defaults while nobody has set them', async () => {
    const settings = await getRuntimeSettings(admin)
    expect(settings).toMatchObject({ warmWorkersPerVersion: 2, maxWorkersPerVersion: 8, memoryBudgetMib: null })
    expect(settings.maxima).toMatchObject({ memoryMib: 2048, fileMib: WORKER_LIMITS.tmpBytes / MIB, timeSeconds: 3000 })
    expect(settings.egressAllowList).toEqual([])
  })

  it('are kept, audited and reach the runtime at once', async () => {
    await updateRuntimeSettings(admin, {
      warmWorkersPerVersion: 0,
      memoryBudgetMib: 1024,
      egressAllowList: ['10.0.0.0/8:5432'],
      maxima: { memoryMib: 256 },
    })
    expect(await getRuntimeSettings(admin)).toMatchObject({ warmWorkersPerVersion: 0, maxima: { memoryMib: 256 } })
    expect(calls.policies.at(-1)).toEqual({
      warmWorkersPerVersion: 0,
      maxWorkersPerVersion: 8,
      memoryBudgetBytes: 1024 * MIB,
      egressAllowList: ['10.0.0.0/8:5432'],
    })
    const event = await database.db.auditEvent.findFirstOrThrow({ where: { action: 'settings.update' } })
    expect(event.details).toEqual({ changed: 'maxima, warmWorkersPerVersion, memoryBudgetMib, egressAllowList' })
  })

  it('are for administrators only', async () => {
    await expect(getRuntimeSettings(author)).rejects.toMatchObject({ code: 'not_found' })
    await expect(updateRuntimeSettings(author, {})).rejects.toMatchObject({ code: 'not_found' })
  })

  it('say by field what is wrong', () => {
    const result = RuntimeSettings.safeParse({
      maxima: { memoryMib: 1 },
      warmWorkersPerVersion: Number.NaN,
      egressAllowList: ['db.example.com', 'http://no'],
    })
    const issues = result.error?.issues.map(({ path, message }) => [path.join('.'), message])
    expect(issues).toEqual([
      ['maxima.memoryMib', 'At least 96.'],
      ['warmWorkersPerVersion', 'Give a whole number.'],
      ['egressAllowList', expect.stringContaining('“http://no” is neither a host')],
    ])
  })

  it('reach a process that did not change them', async () => {
    const seen: RuntimePolicy[] = []
    const stop = followRuntimeSettings({ configure: (policy) => seen.push(policy) }, await readRuntimeSettings(), 10)
    const value = RuntimeSettings.parse({ maxWorkersPerVersion: 3 })
    await database.db.setting.create({ data: { key: 'runtime', value } })
    forgetRuntimeSettings()
    await expect.poll(() => seen).toEqual([policyOf(value)])
    stop()
  })
})

describe('the limits of an algorithm', () => {
  it('are its own where it has some, and let its workers go when they change', async () => {
    const algorithm = await makeAlgorithm(database.db, author, `Limited${made++}`)
    const { endpoint } = await makeVersion(database.db, author, algorithm)
    expect((await resolveEndpoint(author, endpoint)).runnable.limits).toEqual(WORKER_LIMITS)
    await updateAlgorithm(author, { ...algorithm.path, limits: { memoryMib: 128, outputKib: 64, timeSeconds: 5 } })
    expect((await resolveEndpoint(author, endpoint)).runnable.limits).toEqual({
      ...WORKER_LIMITS,
      memoryBytes: 128 * MIB,
      outputBytes: 64 * 1024,
      callMs: 5_000,
    })
    expect(calls.dropped).toContain(algorithm.id)
    await updateAlgorithm(author, { ...algorithm.path, limits: {} })
    expect((await resolveEndpoint(author, endpoint)).runnable.limits).toEqual(WORKER_LIMITS)
  })

  it('stay within the maxima, those of today for what was set before', async () => {
    const algorithm = await makeAlgorithm(database.db, author, `Limited${made++}`)
    const { endpoint } = await makeVersion(database.db, author, algorithm)
    await updateAlgorithm(author, { ...algorithm.path, limits: { memoryMib: 1024 } })
    await updateRuntimeSettings(admin, { maxima: { memoryMib: 300, processes: 32 } })
    expect((await resolveEndpoint(author, endpoint)).runnable.limits).toMatchObject({
      memoryBytes: 300 * MIB,
      processes: 32,
    })
    const tooMuch = updateAlgorithm(author, { ...algorithm.path, limits: { memoryMib: 301 } })
    await expect(tooMuch).rejects.toMatchObject({
      code: 'invalid_input',
      fields: { 'limits.memoryMib': 'At most 300: an administrator set this maximum.' },
    })
  })

  it('are changed by its owner only', async () => {
    const algorithm = await makeAlgorithm(database.db, author, `Limited${made++}`)
    const other = (await makeUserContext(database.db)).ctx
    const change = updateAlgorithm(other, { ...algorithm.path, limits: { memoryMib: 128 } })
    await expect(change).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are the defaults when what is stored can not be read', () => {
    const maxima = RuntimeSettings.parse({}).maxima
    expect(workerLimits(readLimits({ memoryMib: 'much' }), maxima)).toEqual(WORKER_LIMITS)
  })
})
