import { afterAll, beforeAll, expect, it } from 'vitest'
import { componentLogger } from '@/lib/logger'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { DatabaseWatch } from './database-watch'
import { StateLog } from './state-log'
import type { FlowSpec } from './target'
import { connectFlow, makeAlgorithmRow } from './testing/ledger-fixture'

const CONNECTION_STRING =
  'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=k;SharedAccessKey=a2V5;UseDevelopmentEmulator=true'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

it('writes what a broker says with a NUL in it, and the states of the flows after it', async () => {
  const algorithm = await makeAlgorithmRow(database.db)
  const connect = (queueName: string) =>
    connectFlow(database.db, algorithm, { connectionString: CONNECTION_STRING, queueName })
  const [odd, next] = [await connect('odd'), await connect('next')]
  const states = new StateLog(new DatabaseWatch(() => {}), componentLogger('test'))
  const note = ({ id }: { id: string }, reason: string) =>
    states.note({ id, algorithmId: algorithm.id, queueName: 'q' } as FlowSpec, {
      state: 'misconfigured',
      reason,
      changedAt: new Date(),
    })
  note(odd, 'The broker says: no\0way')
  note(next, 'The key is wrong.')
  await states.flush()
  const rows = await database.db.eventFlow.findMany({ orderBy: { queueName: 'desc' }, select: { stateReason: true } })
  expect(rows).toEqual([{ stateReason: 'The broker says: no\uFFFDway' }, { stateReason: 'The key is wrong.' }])
})
