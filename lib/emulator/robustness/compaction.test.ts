import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startInProcess } from '../links/test-connection'
import { contentOf } from '../queue/test-queue'
import type { RunningBroker } from '../start-broker'

const MEGABYTE = 1024 * 1024

let directory: string
let broker: RunningBroker
let log: string[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-compaction-'))
  log = []
})

afterEach(async () => {
  await broker?.close()
  rmSync(directory, { recursive: true, force: true })
})

const start = () => startInProcess({ dataDirectory: directory, log: (message) => log.push(message) })

function journalBytes(): number {
  const journal = join(directory, 'journal')
  return readdirSync(journal).reduce((sum, name) => sum + statSync(join(journal, name)).size, 0)
}

it('a broker that runs compacts a journal of which little is alive, and loses nothing of that', async () => {
  broker = await start()
  const queue = broker.namespace.find('open')?.queue ?? expect.fail('there is no queue')
  const now = broker.namespace.clock()
  const large = contentOf('x'.repeat(MEGABYTE))
  for (let number = 0; number < 70; number++) queue.enqueue([large], now)
  expect(queue.purge(70, now)).toBe(70)
  queue.enqueue([contentOf('alive')], now)
  await expect.poll(() => log, { timeout: 20_000 }).toContain('the journal was compacted')
  expect(journalBytes()).toBeLessThan(MEGABYTE)
  queue.enqueue([contentOf('after')], now)
  await broker.close()
  broker = await start()
  const { store } = broker.namespace.find('open')?.queue ?? expect.fail('there is no queue')
  expect([store.size, store.lastSequenceNumber]).toEqual([2, 72])
})
