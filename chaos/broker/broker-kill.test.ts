import { expect, it } from 'vitest'
import { runSmall } from '../frame/run-small'
import { brokerKill } from './broker-kill'

const ROUNDS = 3

it(`loses no acknowledged message and brings no completed one back when the broker is killed, ${ROUNDS} times`, async () => {
  const account = await runSmall(brokerKill, { rounds: ROUNDS })
  expect(account.sent).toBeGreaterThan(ROUNDS * 50)
}, 180_000)
