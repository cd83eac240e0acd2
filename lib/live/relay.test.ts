import pg from 'pg'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { componentLogger } from '@/lib/logger'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { type LiveTopic, publishLive, subscribeLive } from './bus'
import { startLiveRelay } from './relay'

let database: TestDatabase
let stops: (() => unknown)[] = []

beforeAll(async () => {
  database = await testDatabase()
  return () => database.close()
})
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})

async function relay() {
  const started = startLiveRelay(database.url, componentLogger('test'))
  stops.push(() => started.stop())
  await started.ready
}

/** Another process, by what Postgres sees of one. */
async function otherProcess() {
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query('LISTEN headrace_live')
  stops.push(() => client.end())
  const heard: string[] = []
  client.on('notification', ({ payload }) => heard.push(...JSON.parse(payload ?? '').topics))
  const tell = (topics: string[]) =>
    client.query('SELECT pg_notify($1, $2)', ['headrace_live', JSON.stringify({ from: 'another', topics })])
  return { heard, tell, client }
}

function watch(...topics: LiveTopic[]): string[] {
  const seen: string[] = []
  stops.push(subscribeLive(new Set(topics), (topic) => seen.push(topic)))
  return seen
}

describe('the live bus over several processes', () => {
  it('hears what another process tells, and not its own words again', async () => {
    await relay()
    const other = await otherProcess()
    const seen = watch('admin', 'flow:1')
    publishLive('flow:1')
    await waitUntil('the other has heard', () => other.heard.length > 0)
    await other.tell(['admin', 'flow:2'])
    await waitUntil('we have heard', () => seen.includes('admin'))
    expect(seen).toEqual(['flow:1', 'admin'])
  })

  it('tells many changes in few notices', async () => {
    await relay()
    const other = await otherProcess()
    let notices = 0
    other.client.on('notification', () => (notices += 1))
    for (let change = 0; change < 1_000; change += 1) publishLive(`flow:${change % 150}`, 'admin')
    await waitUntil('all are told', () => new Set(other.heard).size === 151)
    expect(notices).toBe(2)
  })

  it('looks at everything once when its connection was lost for a while', async () => {
    await relay()
    const other = await otherProcess()
    const seen = watch('admin', 'collection:1')
    await other.client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'`,
    )
    await waitUntil('it has looked', () => seen.length >= 2)
    expect(seen).toEqual(['admin', 'collection:1'])
    await other.tell(['admin'])
    await waitUntil('it hears again', () => seen.length === 3)
  })
})
