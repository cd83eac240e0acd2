import { afterAll, beforeAll, expect, it } from 'vitest'
import { componentLogger } from '@/lib/logger'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { DatabaseWatch } from './database-watch'
import type { LeaseMark } from './leases/lease'
import { StateLog } from './state-log'
import type { FlowSpec } from './target'
import { connectFlow, makeAlgorithmRow, takeLease } from './testing/ledger-fixture'

const CONNECTION_STRING =
  'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=k;SharedAccessKey=a2V5;UseDevelopmentEmulator=true'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

it('writes what a broker says with a NUL in it, the states of flows after it, and nothing of a former owner', async () => {
  const algorithm = await makeAlgorithmRow(database.db)
  const connect = (queueName: string) =>
    connectFlow(database.db, algorithm, { connectionString: CONNECTION_STRING, queueName })
  const [odd, next] = [await connect('odd'), await connect('next')]
  const states = new StateLog(new DatabaseWatch(() => {}), componentLogger('test'))
  const note = ({ id }: { id: string }, reason: string, { engineId }: LeaseMark) =>
    states.note(
      { id, algorithmId: algorithm.id, queueName: 'q' } as FlowSpec,
      { state: 'misconfigured', reason, changedAt: new Date() },
      engineId,
    )
  const [oddLease, formerLease] = [await takeLease(database.db, odd.id), await takeLease(database.db, next.id)]
  const presentLease = await takeLease(database.db, next.id)
  note(odd, 'The broker says: no\0way', oddLease)
  note(next, 'The key is wrong.', presentLease)
  await states.flush()
  note(next, 'A former owner says that it has stopped.', formerLease)
  await states.flush()
  const rows = await database.db.eventFlow.findMany({ orderBy: { queueName: 'desc' }, select: { stateReason: true } })
  expect(rows).toEqual([{ stateReason: 'The broker says: no\uFFFDway' }, { stateReason: 'The key is wrong.' }])
})
