import { expect, it } from 'vitest'
import { runSmall } from '../frame/run-small'
import { workerSoak } from './worker-soak'

it('soaked workers answer each call once and leave nothing behind', async () => {
  const account = await runSmall(workerSoak, { messages: 600, rounds: 4 })
  expect(account).toMatchObject({ sent: 600, done: 600, lost: [], doubled: [], complaints: [] })
}, 120_000)
