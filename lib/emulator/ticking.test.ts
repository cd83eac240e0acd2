import { afterEach, expect, it } from 'vitest'
import { startInProcess } from './links/test-connection'
import { TestConsumer } from './queue/test-queue'
import type { RunningBroker } from './start-broker'

let broker: RunningBroker

afterEach(() => broker?.close())

it('a failure in one queue is logged once, and the others go on', async () => {
  const log: string[] = []
  const queues = ['bad', 'good'].map((name) => ({ name, properties: { requiresSession: true } }))
  const config = { namespaceName: undefined, queues, topics: [], ignored: [] }
  broker = await startInProcess({ config, log: (message) => log.push(message) })
  const waitIn = (name: string, onTimeout: () => void) => {
    const { queue } = broker.namespace.find(name) ?? expect.fail('there is no queue')
    queue.sessionLocks.accept(null, new TestConsumer(), 0, broker.namespace.clock(), onTimeout)
  }
  let failures = 0
  const fail = () => {
    failures++
    if (failures < 3) waitIn('bad', fail)
    throw new Error('no such thing')
  }
  waitIn('bad', fail)
  await expect.poll(() => failures).toBe(3)
  await new Promise<void>((resolve) => waitIn('good', resolve))
  expect(log).toEqual([expect.stringContaining('bad')])
})
