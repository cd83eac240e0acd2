import { randomBytes } from 'node:crypto'
import { ServiceBusClient } from '@azure/service-bus'
import { describe, expect, it, vi } from 'vitest'
import { encrypt } from '@/lib/crypto'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { administrationClient } from '@/lib/testing/broker'
import { makeUserContext } from '@/lib/testing/contexts'
import { readBacklog } from './backlog'
import { browseMessages, getMessage } from './browse-messages'
import { cancelJob, pauseJob, resumeJob } from './commands/control-job'
import { resubmitEdited } from './commands/resubmit-edited'
import { startPurge, startResubmit } from './commands/start-job'
import { getJob, listJobs } from './jobs/queries'
import { bodiesIn, makeDeadLetters } from './testing/tool-fixture'
import { makePausedJob, numbered, prepareToolTests, untilEnded } from './testing/tool-tests'

vi.setConfig({ testTimeout: 90_000 })

const tests = prepareToolTests()
const make = () => tests.makeFlow()

describe('looking at messages', () => {
  it('shows them page by page, takes none, and says so in the audit log', async () => {
    const flow = await make()
    await makeDeadLetters(flow, numbered(5))
    const first = await browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'dead_letter', count: 3 })
    expect(first.messages.map(({ snippet }) => snippet)).toEqual(['{"n":0}', '{"n":1}', '{"n":2}'])
    expect(first.messages[0]).toMatchObject({ reason: 'Broken', messageId: 'm0', contentType: 'application/json' })
    const from = first.next ?? ''
    const second = await browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'dead_letter', count: 3, from })
    expect(second).toMatchObject({ next: null, messages: [{ messageId: 'm3' }, { messageId: 'm4' }] })
    expect(await bodiesIn(flow, 'dead_letter')).toHaveLength(5)
    const audit = await tests.database.db.auditEvent.findMany({ where: { accountId: flow.owner.account.id } })
    expect(audit.filter(({ action }) => action === 'queue.peek')).toHaveLength(2)
  })

  it('finds those with a text or a reason, wherever they stand', async () => {
    const flow = await make()
    await makeDeadLetters(flow, numbered(30))
    await makeDeadLetters(flow, [{ body: '{"who":"Needle"}', properties: { tenant: 'contoso' } }], 'Other')
    const look = (filter: { text?: string; reason?: string }) =>
      browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'dead_letter', ...filter })
    for (const filter of [{ text: 'needle' }, { text: 'CONTOSO' }, { reason: 'Other' }]) {
      expect((await look(filter)).messages.map(({ snippet }) => snippet)).toEqual(['{"who":"Needle"}'])
    }
    expect((await look({ reason: 'Broken' })).messages).toHaveLength(30)
  })

  it('shows all of one message, binary as base64, and says when it is gone', async () => {
    const flow = await make()
    const client = new ServiceBusClient(tests.broker.connectionString)
    const bytes = randomBytes(100)
    await client.createSender(flow.address.queueName).sendMessages({
      body: bytes,
      contentType: 'application/octet-stream',
      subject: 'picture',
      correlationId: 'c-1',
      applicationProperties: { at: new Date(0), size: 100 },
    })
    await client.close()
    const { messages } = await browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'queue' })
    const sequenceNumber = messages[0]?.sequenceNumber ?? ''
    expect(await getMessage(flow.owner.ctx, { flowId: flow.id, place: 'queue', sequenceNumber })).toMatchObject({
      body: { type: 'binary', content: bytes.toString('base64'), isCut: false },
      systemProperties: { Subject: 'picture', 'Correlation id': 'c-1' },
      applicationProperties: { at: '1970-01-01T00:00:00.000Z', size: 100 },
    })
    const gone = { flowId: flow.id, place: 'queue' as const, sequenceNumber: '999999' }
    await expect(getMessage(flow.owner.ctx, gone)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is for who may manage the flow: others get not-found, an administrator is told whose it is', async () => {
    const flow = await make()
    const stranger = await makeUserContext(tests.database.db)
    const admin = await makeUserContext(tests.database.db, { isAdmin: true })
    const look = { flowId: flow.id, place: 'queue' as const }
    await expect(browseMessages(stranger.ctx, look)).rejects.toMatchObject({ code: 'not_found' })
    await expect(browseMessages(admin.ctx, look)).rejects.toMatchObject({ code: 'forbidden' })
    const purge = { ...look, word: 'purge' as const }
    await expect(startPurge(stranger.ctx, purge)).rejects.toMatchObject({ code: 'not_found' })
    await expect(startPurge(admin.ctx, purge)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(listJobs(stranger.ctx, { flowId: flow.id })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('says in a sentence what is wrong with the broker', async () => {
    const flow = await make()
    const dead = tests.broker.connectionString.replace(`:${tests.broker.port}`, ':9')
    await tests.database.db.eventFlow.update({ where: { id: flow.id }, data: { connectionString: encrypt(dead) } })
    await expect(browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'queue' })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Nothing listens'),
    })
    expect(await readBacklog(flow.owner.ctx, { flowId: flow.id })).toMatchObject({ backlog: null })
    const lost = await make()
    await administrationClient(tests.broker.connectionString).deleteQueue(lost.address.queueName)
    expect(await readBacklog(lost.owner.ctx, { flowId: lost.id })).toMatchObject({
      problem: expect.stringContaining(`There is no queue ${lost.address.queueName}`),
    })
  })
})

it('counts what waits and tells how old it is, and asks the broker once for many', async () => {
  const flow = await make()
  await makeDeadLetters(flow, numbered(3))
  const [one, other] = await Promise.all([1, 2].map(() => readBacklog(flow.owner.ctx, { flowId: flow.id })))
  expect(one).toMatchObject({ problem: null, backlog: { counts: { active: 0, deadLetter: 3 }, oldestActiveAt: null } })
  expect(Date.now() - Date.parse(one?.backlog?.oldestDeadLetterAt ?? '')).toBeLessThan(60_000)
  expect(other).toBe(one)
})

it('tells the ages but no counts to a key with the Listen right only', async () => {
  const queueName = `listen-${randomBytes(4).toString('hex')}`
  const rule = { claimType: 'SharedAccessKey', keyName: 'listener', primaryKey: 'one', secondaryKey: 'two' }
  await administrationClient(tests.broker.connectionString).createQueue(queueName, {
    authorizationRules: [{ ...rule, accessRights: ['Listen'] }],
  })
  const flow = await make()
  const address = { connectionString: tests.broker.connectionString, queueName }
  await makeDeadLetters({ address }, numbered(2))
  const listener = `Endpoint=sb://127.0.0.1:${tests.broker.port};SharedAccessKeyName=listener;SharedAccessKey=one;UseDevelopmentEmulator=true`
  const data = { queueName, connectionString: encrypt(listener) }
  await tests.database.db.eventFlow.update({ where: { id: flow.id }, data })
  const { backlog } = await readBacklog(flow.owner.ctx, { flowId: flow.id })
  expect(backlog).toMatchObject({ counts: null, oldestActiveAt: null, oldestDeadLetterAt: expect.any(String) })
})

describe('editing and resubmitting a dead letter', () => {
  it('sends it with the new body and all its properties, without the broker’s notes, then removes it', async () => {
    const flow = await make()
    const properties = { tenant: 'contoso', tries: 3, isUrgent: true }
    await makeDeadLetters(flow, [...numbered(2), { body: '{"n":x}', messageId: 'bad', properties }, ...numbered(2)])
    const page = await browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'dead_letter' })
    const sequenceNumber = page.messages.find(({ messageId }) => messageId === 'bad')?.sequenceNumber ?? ''
    const outcome = await resubmitEdited(flow.owner.ctx, {
      flowId: flow.id,
      sequenceNumber,
      keepMessageId: true,
      body: '{"n":7}',
      bodyEncoding: 'text',
      contentType: 'application/json',
      applicationProperties: JSON.stringify({ ...properties, tenant: 'fabrikam' }),
    })
    expect(outcome).toEqual({ messageId: 'bad', isRemoved: true })
    const sent = await browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'queue' })
    expect(sent.messages).toMatchObject([{ messageId: 'bad', snippet: '{"n":7}', reason: null, deliveryCount: 0 }])
    const ref = { flowId: flow.id, place: 'queue' as const, sequenceNumber: sent.messages[0]?.sequenceNumber ?? '' }
    expect((await getMessage(flow.owner.ctx, ref)).applicationProperties).toEqual({ ...properties, tenant: 'fabrikam' })
    expect(await bodiesIn(flow, 'dead_letter')).toHaveLength(4)
  })

  it('gives the copy a new id unless the old one is wanted', async () => {
    const flow = await make()
    await makeDeadLetters(flow, [{ body: '1', messageId: 'old' }])
    const { messages } = await browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'dead_letter' })
    const edit = {
      flowId: flow.id,
      sequenceNumber: messages[0]?.sequenceNumber ?? '',
      keepMessageId: false,
      body: '1',
      bodyEncoding: 'text' as const,
      contentType: 'application/json',
      applicationProperties: '{}',
    }
    const { messageId } = await resubmitEdited(flow.owner.ctx, edit)
    expect(messageId).toMatch(/^[0-9a-f-]{36}$/)
    await expect(resubmitEdited(flow.owner.ctx, edit)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('names the field that can not be sent', async () => {
    const flow = await make()
    const edit = { flowId: flow.id, sequenceNumber: '1', keepMessageId: false, contentType: '', bodyEncoding: 'base64' }
    await expect(
      resubmitEdited(flow.owner.ctx, { ...edit, bodyEncoding: 'base64', body: '§', applicationProperties: '[]' }),
    ).rejects.toMatchObject({ issues: [{ path: ['body'] }, { path: ['applicationProperties'] }] })
  })
})

describe('a job', () => {
  it('resubmits all dead letters, each once, and says how many', async () => {
    const flow = await make()
    await makeDeadLetters(flow, numbered(120))
    const { jobId } = await startResubmit(flow.owner.ctx, { flowId: flow.id, keepMessageId: true })
    expect(await untilEnded(flow, jobId)).toMatchObject({
      state: 'finished',
      total: 120,
      doneCount: 120,
      failedCount: 0,
      items: [],
    })
    expect(await bodiesIn(flow, 'dead_letter')).toEqual([])
    expect((await bodiesIn(flow, 'queue')).sort()).toEqual(
      numbered(120)
        .map(({ body }) => body)
        .sort(),
    )
  })

  it('resubmits only those that match or were chosen, and leaves the others where they are', async () => {
    const flow = await make()
    await makeDeadLetters(flow, numbered(12))
    await makeDeadLetters(flow, [{ body: '"late"' }], 'Other')
    const byReason = { flowId: flow.id, keepMessageId: false, filter: { reason: 'Other' } }
    await untilEnded(flow, (await startResubmit(flow.owner.ctx, byReason)).jobId)
    expect(await bodiesIn(flow, 'queue')).toEqual(['"late"'])
    const { messages } = await browseMessages(flow.owner.ctx, { flowId: flow.id, place: 'dead_letter' })
    const chosen = [messages[3], messages[9]].map((message) => message?.sequenceNumber ?? '')
    const two = { flowId: flow.id, keepMessageId: false, sequenceNumbers: chosen }
    const ended = await untilEnded(flow, (await startResubmit(flow.owner.ctx, two)).jobId)
    expect(ended).toMatchObject({ total: 2, doneCount: 2 })
    expect((await bodiesIn(flow, 'queue')).slice(1)).toEqual(['{"n":3}', '{"n":9}'])
    expect(await bodiesIn(flow, 'dead_letter')).toHaveLength(10)
  })

  it('waits with a sentence while the broker is away, and goes on when it is resumed', async () => {
    const flow = await make()
    await makeDeadLetters(flow, numbered(3))
    const dead = tests.broker.connectionString.replace(`:${tests.broker.port}`, ':9')
    await tests.database.db.eventFlow.update({ where: { id: flow.id }, data: { connectionString: encrypt(dead) } })
    const { jobId } = await startResubmit(flow.owner.ctx, { flowId: flow.id, keepMessageId: true })
    expect(await untilEnded(flow, jobId)).toMatchObject({
      state: 'paused',
      note: expect.stringContaining('Nothing listens'),
    })
    const other = startResubmit(flow.owner.ctx, { flowId: flow.id, keepMessageId: true })
    await expect(other).rejects.toMatchObject({ code: 'conflict' })
    const data = { connectionString: encrypt(tests.broker.connectionString) }
    await tests.database.db.eventFlow.update({ where: { id: flow.id }, data })
    await resumeJob(flow.owner.ctx, { id: jobId })
    const ended = await waitUntil('it has finished', async () => {
      const job = await getJob(flow.owner.ctx, { flowId: flow.id, jobId })
      return job.state === 'finished' && job
    })
    expect(ended).toMatchObject({ doneCount: 3 })
  })

  it('can be paused, resumed and canceled by who may manage the flow only', async () => {
    const flow = await make()
    const { id } = await makePausedJob(tests, flow)
    const stranger = await makeUserContext(tests.database.db)
    await expect(cancelJob(stranger.ctx, { id })).rejects.toMatchObject({ code: 'not_found' })
    await expect(pauseJob(flow.owner.ctx, { id })).rejects.toMatchObject({ code: 'conflict' })
    await cancelJob(flow.owner.ctx, { id })
    const [job] = await listJobs(flow.owner.ctx, { flowId: flow.id })
    expect(job).toMatchObject({ state: 'canceled', note: `Canceled by ${flow.owner.account.name}.` })
    await expect(resumeJob(flow.owner.ctx, { id })).rejects.toMatchObject({ code: 'conflict' })
  })
})
