import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { logger } from '@/lib/logger'
import type { Delivery } from './broker/port'
import { Dispatcher, type DispatcherParts } from './dispatcher'
import { Lease } from './leases/lease'
import { NewMessages } from './new-messages'
import type { RecordAnswer } from './recorder'
import { Slots } from './slots'
import { scriptedRuntime } from './testing/scripted-runtime'
import { waitUntil } from './testing/wait-until'

const FLOW = {
  id: 'flow',
  queueName: 'queue',
  namespaceHost: 'broker',
  ownerId: 'owner',
  algorithmId: 'algorithm',
  timeoutMs: 1_000,
  messageOrder: 'unordered',
  output: null,
  lockRenewalLimitMs: null,
} as DispatcherParts['flow']

/** Links of one flow with one slot, and a database that answers when it is let. */
function twoLinks() {
  const slots = new Slots(1)
  const lease = new Lease({ flowId: FLOW.id, engineId: 'engine', fence: 1 }, 1)
  let answer = () => {}
  const database = new Promise<RecordAnswer>((resolve) => {
    answer = () => resolve('recorded')
  })
  const link = () =>
    new Dispatcher({
      flow: FLOW,
      slots,
      lease,
      runtime: scriptedRuntime(() => 'done'),
      recorder: { isAway: false, record: () => database, markSettled: () => {} },
      newMessages: new NewMessages(async () => -1n),
      outputs: { hindrance: async () => null },
      logger,
      deliveryLimit: { isOver: async () => false },
      target: () => ({ versionId: null, semanticVersion: null, runnable: { commitSha: 'a'.repeat(40) } }),
      onObstacle: () => {},
      onInFlightChange: () => {},
    } as unknown as DispatcherParts)
  return { slots, links: [link(), link()] as const, answer: () => answer() }
}

function delivery(number: number): Delivery {
  const message = {
    messageId: `m${number}`,
    sequenceNumber: BigInt(number),
    enqueuedAt: new Date(),
    contentType: null,
    sessionId: null,
    correlationId: null,
    body: { kind: 'bytes', bytes: Buffer.from('1') },
    properties: {},
  } as const
  const settle = async () => {}
  const lockedUntil = new Date(Date.now() + 60_000)
  const settling = { complete: settle, abandon: settle, release: settle, deadLetter: settle }
  return { message, attempt: 1, lockedUntil, ...settling, renewLock: async () => lockedUntil }
}

it('all links of a flow together record no more than three messages for each slot', async () => {
  const { slots, links, answer } = twoLinks()
  const [first, second] = links
  for (const number of [1, 2]) await first.deliver(delivery(number))
  await second.deliver(delivery(3))
  expect(slots.letGo.recording).toBe(3)
  let isLetGo = false
  const fourth = second.deliver(delivery(4)).then(() => {
    isLetGo = true
  })
  await waitUntil('it is recorded', () => second.inFlight().every(({ stage }) => stage === 'recording'))
  await sleep(100)
  expect({ isLetGo, free: slots.free }).toEqual({ isLetGo: false, free: 0 })
  answer()
  await fourth
  await Promise.all([first.whenIdle(), second.whenIdle()])
  expect({ letGo: slots.letGo, free: slots.free }).toEqual({ letGo: { recording: 0, held: 0 }, free: 1 })
})
