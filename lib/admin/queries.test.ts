import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { setCurrentEngine } from '@/lib/engine/current'
import { currentRuntime, setCurrentRuntime } from '@/lib/runtime/current'
import { setStorage } from '@/lib/storage/current'
import { fileSystemStorage } from '@/lib/storage/file-system'
import { makeAlgorithm, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeUserContext } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { makeFlowRow } from '@/lib/testing/event-flows'
import type { HealthCheck } from './health/port'
import { checkAllParts, getHealth, getSandboxWarning } from './queries'

let database: TestDatabase
let broker: TestBroker

beforeAll(async () => {
  broker = await testBroker()
  process.env.HEADRACE_EMBEDDED_BROKER = broker.connectionString
  database = await testDatabase()
})
afterAll(async () => {
  delete process.env.HEADRACE_EMBEDDED_BROKER
  await broker.close()
  await database.close()
})
afterEach(() => {
  setCurrentEngine(undefined)
  setCurrentRuntime(undefined)
  setStorage(undefined)
})

const part = (checks: HealthCheck[], name: HealthCheck['part']) => checks.find((check) => check.part === name)

describe('the health of the parts', () => {
  it('is not for members', async () => {
    const { ctx } = await makeUserContext(database.db)
    await expect(getHealth(ctx)).rejects.toMatchObject({ code: 'not_found' })
    const admin = await makeUserContext(database.db, { isAdmin: true })
    expect(await getHealth(admin.ctx)).toHaveLength(5)
  })

  it('is good when all of them answer, and names the namespaces in use', async () => {
    const { ctx, ...user } = await makeUserContext(database.db, { isAdmin: true })
    const runtime = recordRuntimeCalls()
    setCurrentRuntime({ ...currentRuntime(), sandbox: { level: 'standard', reasons: ['no cgroup to write'] } })
    setCurrentEngine({ isRunning: true, status: () => [], refreshFlow: async () => {}, refreshAll: async () => {} })
    await makeFlowRow(database.db, user, await makeAlgorithm(database.db, ctx))
    const checks = await checkAllParts()
    runtime.end()
    expect(checks.map(({ part, status }) => `${part} ${status}`)).toEqual([
      'Engine ok',
      'Broker ok',
      'Database ok',
      'Storage ok',
      'Sandbox ok',
    ])
    expect(part(checks, 'Broker')?.details).toEqual(['contoso.servicebus.windows.net: event flows: 1'])
    expect(part(checks, 'Sandbox')?.details).toContain('no cgroup to write')
  })

  it('says what is down and what to do', async () => {
    setStorage(fileSystemStorage('/dev/null/not-a-folder'))
    await broker.close()
    const checks = await checkAllParts()
    expect(checks.map(({ part, status }) => `${part} ${status}`)).toEqual([
      'Engine down',
      'Broker down',
      'Database ok',
      'Storage down',
      'Sandbox down',
    ])
    expect(part(checks, 'Storage')?.fix).toContain('disk')
    expect(part(checks, 'Broker')?.fix).toContain('npm run up')
  })
})

describe('the banner about the sandbox', () => {
  it('is there at level none only', () => {
    expect(getSandboxWarning()).toBeNull()
    const runtime = recordRuntimeCalls()
    expect(getSandboxWarning()).toMatchObject({ level: 'none' })
    setCurrentRuntime({ ...currentRuntime(), sandbox: { level: 'standard', reasons: [] } })
    expect(getSandboxWarning()).toBeNull()
    runtime.end()
  })
})
