import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { changedSince, type LiveTopic, publishLive, publishLiveSoon, subscribeLive } from './bus'
import { closeLiveConnections, trackLiveConnection } from './connections'
import { visibleTopics } from './queries'
import { LiveTopics } from './schema'

let database: TestDatabase
let owner: TestUser
let topics: LiveTopic[]

beforeAll(async () => {
  database = await testDatabase()
  const { db } = database
  owner = await makeUserContext(db)
  const environment = await db.environment.create({
    data: { name: 'py', displayName: 'Py', language: 'python', interpreterPath: '/bin/false', exactVersion: '3' },
  })
  const sha = 'a'.repeat(40)
  const algorithm = await db.algorithm.create({
    data: {
      ownerId: owner.account.id,
      name: 'echo',
      label: 'echo',
      environmentId: environment.id,
      commits: { create: { sha, message: 'first', authorName: 'x' } },
    },
  })
  const build = await db.build.create({ data: { algorithmId: algorithm.id, commitSha: sha } })
  const flow = await db.eventFlow.create({
    data: {
      ownerId: owner.account.id,
      algorithmId: algorithm.id,
      queueName: 'q',
      namespaceHost: 'host',
      connectionString: 'sealed',
    },
  })
  const collection = await db.collection.create({ data: { ownerId: owner.account.id, name: 'files' } })
  topics = [
    `flow:${flow.id}`,
    `algorithm:${algorithm.id}`,
    `build:${build.id}`,
    `account:${owner.account.id}`,
    `collection:${collection.id}`,
  ]
})
afterAll(() => database.close())

test('an owner may watch what is the own, and not what is the administrator’s', async () => {
  expect(await visibleTopics(owner.ctx, [...topics, 'admin'])).toEqual(new Set(topics))
})

test('another account may watch nothing of it', async () => {
  const stranger = await makeUserContext(database.db)
  expect(await visibleTopics(stranger.ctx, [...topics, 'admin'])).toEqual(new Set())
})

test('an administrator may watch everything', async () => {
  const admin = await makeUserContext(database.db, { isAdmin: true })
  expect(await visibleTopics(admin.ctx, [...topics, 'admin'])).toEqual(new Set([...topics, 'admin']))
})

test('topics are read from a query string, and nothing else is', () => {
  expect(LiveTopics.parse(topics.join(','))).toEqual(topics)
  for (const text of ['', 'flow:1', 'everything', `secret:${topics[0]?.slice(5)}`]) {
    expect(LiveTopics.safeParse(text).success).toBe(false)
  }
})

test('a change reaches those who watch its topic until they stop', () => {
  const seen: string[] = []
  const stop = subscribeLive(new Set<LiveTopic>(['admin']), (topic) => seen.push(topic))
  publishLive('admin', 'flow:1')
  stop()
  publishLive('admin')
  expect(seen).toEqual(['admin'])
})

test('what changes with every message is told once within a moment, and with it what changed meanwhile', async () => {
  const seen: string[] = []
  const stop = subscribeLive(new Set<LiveTopic>(['flow:1', 'flow:2']), (topic) => seen.push(topic))
  for (const topic of ['flow:1', 'flow:2', 'flow:1'] as const) publishLiveSoon(topic)
  expect(seen).toEqual([])
  await expect.poll(() => seen).toEqual(['flow:1', 'flow:2'])
  publishLiveSoon('flow:1')
  await expect.poll(() => seen).toEqual(['flow:1', 'flow:2', 'flow:1'])
  stop()
})

test('a server that stops ends every open stream once', () => {
  const ended: string[] = []
  const forget = trackLiveConnection(() => ended.push('forgotten'))
  const forgetOpen = trackLiveConnection(() => {
    ended.push('open')
    forgetOpen()
  })
  forget()
  closeLiveConnections()
  closeLiveConnections()
  expect(ended).toEqual(['open'])
})

test('who comes later is told what has changed since, and not what had changed before', () => {
  const [first, second, third] = ['1', '2', '3'].map((id) => `flow:late-${id}` as const) as [
    LiveTopic,
    LiveTopic,
    LiveTopic,
  ]
  const watched = new Set([first, second, third])
  const before = Date.now()
  publishLive(first, second)
  expect(changedSince(watched, before)).toEqual([first, second])
  expect(changedSince(watched, Date.now() + 1)).toEqual([])
  // So long ago that nobody knows any more.
  expect(changedSince(watched, before - 3_600_000)).toEqual([first, second, third])
})
