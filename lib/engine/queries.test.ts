import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '@/lib/context'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { testDatabase } from '@/lib/testing/database'
import { type ConsumerStatus, setCurrentEngine } from './current'
import { reportConsumers } from './queries'

let member: TestUser
let other: TestUser
let admin: TestUser

beforeAll(async () => {
  const database = await testDatabase()
  member = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
  admin = await makeUserContext(database.db, { isAdmin: true })
  return () => database.close()
})
afterEach(() => setCurrentEngine(undefined))

const consumerOf = ({ account }: TestUser): ConsumerStatus => ({
  flowId: account.id,
  ownerId: account.id,
  algorithmId: account.id,
  queueName: 'orders',
  namespaceHost: 'contoso',
  state: 'receiving',
  reason: '',
  changedAt: new Date(),
  nextTryAt: null,
  semanticVersion: '1.0.0',
  inFlight: [],
})

const ownersSeenBy = async (ctx: Context) => (await reportConsumers(ctx)).consumers.map(({ ownerId }) => ownerId)

describe('reportConsumers', () => {
  it('shows members their own consumers, and administrators all', async () => {
    setCurrentEngine({
      isRunning: true,
      status: () => [consumerOf(member), consumerOf(other)],
      refreshFlow: async () => {},
      refreshAll: async () => {},
    })
    expect(await ownersSeenBy(member.ctx)).toEqual([member.account.id])
    expect(await ownersSeenBy(other.ctx)).toEqual([other.account.id])
    expect(await ownersSeenBy(admin.ctx)).toEqual([member.account.id, other.account.id])
  })

  it('says that no engine runs here', async () => {
    expect(await reportConsumers(admin.ctx)).toEqual({ isRunning: false, consumers: [] })
  })
})
