import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApiKey } from '@/lib/api-keys/commands'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { newExecutionId } from '@/lib/executions/id'
import { sendMessages } from '@/lib/queue-tools/testing/send-messages'
import { bodiesIn, type MadeFlow, makeDeadLetters } from '@/lib/queue-tools/testing/tool-fixture'
import { makePausedJob, numbered, prepareToolTests } from '@/lib/queue-tools/testing/tool-tests'
import { makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type ApiServer, makeApiKey, startApiServer } from './testing/api-server'

vi.setConfig({ testTimeout: 60_000 })

const tests = prepareToolTests()
let server: ApiServer
let runtime: ReturnType<typeof recordRuntimeCalls>
let flow: MadeFlow
let key: string

beforeAll(async () => {
  server = await startApiServer()
  runtime = recordRuntimeCalls()
})
afterAll(async () => {
  runtime.end()
  await server.close()
})
beforeEach(async () => {
  flow = await tests.makeFlow()
  key = await managingKey(flow.owner)
})

async function managingKey({ ctx }: TestUser): Promise<string> {
  const access = { label: 'manager', algorithmAccess: 'full', dataAccess: 'none', canManage: true } as const
  return (await createApiKey(ctx, access)).key
}

/** A request for what lies behind the flow's address. */
async function call(method: string, path: string, body?: unknown, authorization = key) {
  const response = await fetch(
    `${server.address}/v1/users/${flow.owner.account.name}/event-listeners/${flow.id}/${path}`,
    {
      method,
      headers: { authorization: `Simple ${authorization}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  )
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) : null }
}

const untilFinished = (jobId: string) =>
  waitUntil('the job has finished', async () => {
    const { body } = await call('GET', `jobs/${jobId}`)
    return body.state === 'finished' && body
  })

describe('messages and dead letters over HTTP', () => {
  it('are shown page by page, filtered, and one by one', async () => {
    await makeDeadLetters(flow, numbered(5))
    await sendMessages(flow, [{ body: '"waits"' }])
    const page = await call('GET', 'dead-letters?count=2')
    expect(page).toMatchObject({ status: 200, body: { messages: [{ messageId: 'm0' }, { messageId: 'm1' }] } })
    const rest = await call('GET', `dead-letters?from=${page.body.next}`)
    expect(rest.body).toMatchObject({
      messages: [{ messageId: 'm2' }, { messageId: 'm3' }, { messageId: 'm4' }],
      next: null,
    })
    expect((await call('GET', 'dead-letters?text=m3')).body.messages).toMatchObject([
      { messageId: 'm3', reason: 'Broken' },
    ])
    const [waiting] = (await call('GET', 'messages')).body.messages
    const one = await call('GET', `messages/${waiting.sequenceNumber}`)
    expect(one.body.body).toEqual({ type: 'json', content: '"waits"', isCut: false })
    expect((await call('GET', 'messages/999999')).status).toBe(404)
    for (const [from, problem] of [
      ['abc', 'whole number'],
      ['9'.repeat(19), 'as large as this'],
    ]) {
      const refused = await call('GET', `messages?from=${from}`)
      expect(refused).toMatchObject({
        status: 400,
        body: { error: { message: expect.stringContaining(problem ?? '') } },
      })
    }
    expect((await call('GET', 'backlog')).body).toMatchObject({ backlog: { counts: { active: 1, deadLetter: 5 } } })
  })

  it('are sent again, one with changes and the others as a job', async () => {
    await makeDeadLetters(flow, [
      { body: '{"n":x}', messageId: 'bad', properties: { tenant: 'contoso' } },
      ...numbered(3),
    ])
    const [bad] = (await call('GET', 'dead-letters')).body.messages
    const path = `dead-letters/${bad.sequenceNumber}/resubmit`
    expect(await call('POST', path, { body: '{"n":7}', keepMessageId: true })).toEqual({
      status: 200,
      body: { messageId: 'bad', isRemoved: true },
    })
    const [sent] = (await call('GET', 'messages')).body.messages
    expect((await call('GET', `messages/${sent.sequenceNumber}`)).body).toMatchObject({
      messageId: 'bad',
      contentType: 'application/json',
      applicationProperties: { tenant: 'contoso' },
    })
    const job = await call('POST', 'dead-letters/resubmit', { filter: { text: 'm1' } })
    expect(job).toMatchObject({ status: 202, body: { kind: 'resubmit', requestedBy: flow.owner.account.name } })
    expect(await untilFinished(job.body.id)).toMatchObject({ total: 1, doneCount: 1 })
    const all = await call('POST', 'dead-letters/resubmit')
    expect(await untilFinished(all.body.id)).toMatchObject({ total: 2, doneCount: 2 })
    expect((await bodiesIn(flow, 'queue')).sort()).toEqual(['{"n":0}', '{"n":1}', '{"n":2}', '{"n":7}'])
  })

  it('are purged only with the word', async () => {
    await sendMessages(flow, numbered(3))
    const refused = await call('POST', 'messages/purge')
    expect(refused).toMatchObject({ status: 400, body: { error: { message: 'word: Type purge to confirm.' } } })
    const job = await call('POST', 'messages/purge', { word: 'purge' })
    expect(await untilFinished(job.body.id)).toMatchObject({ total: 3, doneCount: 3 })
    expect((await call('GET', 'jobs')).body).toMatchObject([{ id: job.body.id, what: 'all messages of the queue' }])
  })

  it('never mean all of them by a slip of the pen', async () => {
    await makeDeadLetters(flow, numbered(2))
    for (const [path, body, message] of [
      ['dead-letters/resubmit', { fliter: { text: 'm1' } }, 'fliter'],
      ['dead-letters/purge', { word: 'purge', filter: { raeson: 'Broken' } }, 'raeson'],
      ['dead-letters/purge', { word: 'purge', sequenceNumbers: [] }, 'sequenceNumbers'],
      ['dead-letters/purge', { word: 'purge', sequenceNumbers: ['1'], filter: {} }, 'not both'],
      ['executions/replay', { filter: { status: 'faild' } }, 'status'],
    ] as const) {
      const answer = await call('POST', path, body)
      expect([path, answer.status, answer.body.error.message]).toEqual([path, 400, expect.stringContaining(message)])
    }
    expect((await call('GET', 'jobs')).body).toEqual([])
    expect(await bodiesIn(flow, 'dead_letter')).toHaveLength(2)
  })
})

describe('jobs over HTTP', () => {
  it('are paused, resumed and canceled', async () => {
    const { id } = await makePausedJob(tests, flow)
    expect((await call('POST', `jobs/${id}/pause`)).status).toBe(409)
    expect((await call('POST', `jobs/${id}/cancel`)).body).toMatchObject({ state: 'canceled' })
    expect((await call('POST', `jobs/${id}/resume`)).status).toBe(409)
    expect((await call('POST', `jobs/${id}/constructor`)).status).toBe(404)
    const other = await tests.makeFlow()
    expect(await getJobOf(other, id)).toBe(404)
  })
})

/** The status of the answer when a flow's owner asks for a job there. */
async function getJobOf({ id, owner }: MadeFlow, jobId: string): Promise<number> {
  const path = `/v1/users/${owner.account.name}/event-listeners/${id}/jobs/${jobId}`
  const headers = { authorization: `Simple ${await managingKey(owner)}` }
  return (await fetch(`${server.address}${path}`, { headers })).status
}

describe('executions over HTTP', () => {
  it('are listed by filters, shown with input and result, and replayed', async () => {
    const version = await makeVersion(tests.database.db, flow.owner.ctx, flow.algorithm, { bump: 'minor' })
    const [failed, good] = [await execution('failed'), await execution('succeeded')]
    const list = await call('GET', 'executions?status=failed&time=1h')
    expect(list.body).toMatchObject({ executions: [{ id: failed, status: 'failed' }], next: null })
    expect((await call('GET', 'executions?text=beta')).body.executions).toMatchObject([{ id: good }])
    expect((await call('GET', 'executions?status=faild')).status).toBe(400)
    expect((await call('GET', `executions/${good}`)).body).toMatchObject({
      id: good,
      input: { preview: '"beta"' },
      attempts: [{ id: good }],
    })
    expect((await call('GET', `executions/${good}/input`)).body).toBe('beta')
    expect((await call('GET', `executions/${failed}/result`)).status).toBe(404)
    const again = await call('POST', `executions/${good}/replay`, { version: version.semanticVersion })
    expect(again.status).toBe(202)
    expect((await call('GET', `executions/${again.body.executionId}`)).body).toMatchObject({ replayOfId: good })
    const job = await call('POST', 'executions/replay', { filter: { status: 'failed' } })
    expect(await untilFinished(job.body.id)).toMatchObject({ kind: 'replay', total: 1 })
  })

  it('belong to the flow whose address they are asked at', async () => {
    const other = await tests.makeFlow()
    const { id } = await tests.database.db.execution.create({ data: row(other, 'failed') })
    expect((await call('GET', `executions/${id}`)).status).toBe(404)
    expect((await call('GET', 'executions/not-an-id')).status).toBe(404)
  })

  const execution = async (status: 'failed' | 'succeeded') =>
    (await tests.database.db.execution.create({ data: row(flow, status) })).id

  let sequenceNumber = 0n
  function row({ id, owner, algorithm }: MadeFlow, status: 'failed' | 'succeeded') {
    sequenceNumber += 1n
    const input = status === 'failed' ? '"alpha"' : '"beta"'
    return {
      id: newExecutionId(),
      source: 'flow' as const,
      status,
      algorithmId: algorithm.id,
      commitSha: algorithm.commitSha,
      callerId: owner.account.id,
      flowId: id,
      sequenceNumber,
      enqueuedAt: new Date(),
      inputType: 'json' as const,
      inputPreview: input,
      inputBytes: input.length,
    }
  }
})

describe('who may use the tools over HTTP', () => {
  it('is who may manage the flow: others get not-found, keys without the right are refused', async () => {
    const stranger = await makeUserContext(tests.database.db)
    const strangersKey = await managingKey(stranger)
    const plainKey = await makeApiKey(flow.owner)
    for (const [method, path, body] of [
      ['GET', 'backlog', undefined],
      ['GET', 'messages', undefined],
      ['GET', 'jobs', undefined],
      ['GET', 'executions', undefined],
      ['POST', 'messages/purge', { word: 'purge' }],
      ['POST', 'dead-letters/resubmit', {}],
      ['POST', 'executions/replay', {}],
    ] as const) {
      expect([path, (await call(method, path, body, plainKey)).status]).toEqual([path, 403])
      // At the stranger's own address, where the flow is not, and at the owner's, which is not the stranger's.
      expect([path, (await call(method, path, body, strangersKey)).status]).toEqual([path, 404])
      const own = `${server.address}/v1/users/${stranger.account.name}/event-listeners/${flow.id}/${path}`
      const headers = { authorization: `Simple ${strangersKey}` }
      const answer = await fetch(own, { method, headers, ...(body && { body: JSON.stringify(body) }) })
      expect([path, answer.status]).toEqual([path, 404])
    }
  })

  it('has nothing at other addresses', async () => {
    for (const [method, path] of [
      ['GET', 'nonsense'],
      ['POST', 'messages/1/resubmit'],
      ['POST', 'messages/resubmit'],
      ['DELETE', 'messages/1'],
      ['POST', 'pause/now'],
      ['GET', 'backlog/now'],
    ] as const) {
      expect([path, (await call(method, path)).status]).toEqual([path, 404])
    }
  })
})
