import { ServiceBusClient } from '@azure/service-bus'
import { describe, expect, it, vi } from 'vitest'
import { openQueueTools } from '../broker/service-bus'
import { browseMessages } from '../browse-messages'
import { startPurge, startResubmit } from '../commands/start-job'
import { sendMessages } from '../testing/send-messages'
import { bodiesIn, type MadeFlow, makeDeadLetters } from '../testing/tool-fixture'
import { numbered, prepareToolTests, untilEnded } from '../testing/tool-tests'

vi.setConfig({ testTimeout: 90_000 })

const tests = prepareToolTests()

async function purge(flow: MadeFlow, place: 'queue' | 'dead_letter', more: { filter?: { text: string } } = {}) {
  const { jobId } = await startPurge(flow.owner.ctx, { flowId: flow.id, place, word: 'purge', ...more })
  return untilEnded(flow, jobId)
}

/** Two messages of one session, then two of another, and so on. */
const inSessions = (...sessionIds: string[]) =>
  sessionIds.flatMap((sessionId) => [1, 2].map((n) => ({ body: `"${sessionId}${n}"`, sessionId })))

describe('a purge', () => {
  it('begins only with the word', async () => {
    const flow = await tests.makeFlow()
    const refused = startPurge(flow.owner.ctx, { flowId: flow.id, place: 'dead_letter', word: 'yes' as 'purge' })
    await expect(refused).rejects.toMatchObject({ issues: [{ path: ['word'] }] })
  })

  it('removes all dead letters, and nothing of the queue', async () => {
    const flow = await tests.makeFlow()
    await makeDeadLetters(flow, numbered(20))
    await sendMessages(flow, [{ body: '"stays"' }])
    expect(await purge(flow, 'dead_letter')).toMatchObject({ state: 'finished', total: 20, doneCount: 20, note: '' })
    expect(await bodiesIn(flow, 'dead_letter')).toEqual([])
    expect(await bodiesIn(flow, 'queue')).toEqual(['"stays"'])
  })

  it('removes all messages of the queue, and no dead letter', async () => {
    const flow = await tests.makeFlow()
    await makeDeadLetters(flow, [{ body: '"stays"' }])
    await sendMessages(flow, numbered(130))
    expect(await purge(flow, 'queue')).toMatchObject({ state: 'finished', total: 130, doneCount: 130, note: '' })
    expect(await bodiesIn(flow, 'queue')).toEqual([])
    expect(await bodiesIn(flow, 'dead_letter')).toEqual(['"stays"'])
  })

  it('removes those that match, and gives the others back in their order', async () => {
    const flow = await tests.makeFlow()
    await sendMessages(flow, numbered(12))
    expect(await purge(flow, 'queue', { filter: { text: '"n":1' } })).toMatchObject({ total: 3, doneCount: 3 })
    expect(await bodiesIn(flow, 'queue')).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `{"n":${n}}`))
  })

  it('says how many a consumer had in hand', async () => {
    const flow = await tests.makeFlow()
    await sendMessages(flow, numbered(3))
    const tools = openQueueTools(flow.address)
    const [held] = await tools.openTaker('queue').take(1, 5_000)
    const job = await purge(flow, 'queue')
    expect(job).toMatchObject({
      state: 'finished',
      total: 3,
      doneCount: 2,
      note: expect.stringMatching(/^1 could not/),
    })
    await held?.abandon()
    await tools.close()
    expect(await bodiesIn(flow, 'queue')).toEqual(['{"n":0}'])
  })
})

describe('a purge of a queue that requires sessions', () => {
  it('removes the messages of each session', async () => {
    const flow = await tests.makeFlow({ requiresSession: true })
    await sendMessages(flow, inSessions('a', 'b', 'c'))
    expect(await purge(flow, 'queue')).toMatchObject({ state: 'finished', total: 6, doneCount: 6, note: '' })
    expect(await bodiesIn(flow, 'queue')).toEqual([])
  })

  it('removes those that match from the middle of a session, and keeps the order of the rest', async () => {
    const flow = await tests.makeFlow({ requiresSession: true })
    await sendMessages(flow, inSessions('a', 'b', 'a'))
    const { messages } = await browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'queue' })
    const sequenceNumbers = [messages[1], messages[3]].map((message) => message?.sequenceNumber ?? '')
    const chosen = { flowId: flow.id, place: 'queue' as const, word: 'purge' as const, sequenceNumbers }
    const { jobId } = await startPurge(flow.owner.ctx, chosen)
    expect(await untilEnded(flow, jobId)).toMatchObject({ total: 2, doneCount: 2 })
    expect(await bodiesIn(flow, 'queue')).toEqual(['"a1"', '"b1"', '"a1"', '"a2"'])
  })

  it('leaves the session that a consumer has, and says so', async () => {
    const flow = await tests.makeFlow({ requiresSession: true })
    await sendMessages(flow, inSessions('a', 'b'))
    const tools = openQueueTools(flow.address)
    const consumer = await tools.openSessionTaker('a')
    expect(await purge(flow, 'queue')).toMatchObject({ doneCount: 2, note: expect.stringMatching(/^2 could not/) })
    await consumer?.close()
    await tools.close()
    expect(await bodiesIn(flow, 'queue')).toEqual(['"a1"', '"a2"'])
  })

  it('has dead letters that go back to their sessions', async () => {
    const flow = await tests.makeFlow({ requiresSession: true })
    await sendMessages(flow, inSessions('a'))
    await deadLetterSession(flow, 'a')
    const { jobId } = await startResubmit(flow.owner.ctx, { flowId: flow.id, keepMessageId: true })
    expect(await untilEnded(flow, jobId)).toMatchObject({ state: 'finished', doneCount: 2 })
    expect(await bodiesIn(flow, 'dead_letter')).toEqual([])
    expect(await purge(flow, 'queue')).toMatchObject({ total: 2, doneCount: 2 })
  })
})

async function deadLetterSession({ address }: MadeFlow, sessionId: string): Promise<void> {
  const client = new ServiceBusClient(address.connectionString)
  try {
    const session = await client.acceptSession(address.queueName, sessionId)
    for (const message of await session.receiveMessages(10)) {
      await session.deadLetterMessage(message, {
        deadLetterReason: 'Broken',
        deadLetterErrorDescription: 'as the test wants it',
      })
    }
  } finally {
    await client.close()
  }
}
