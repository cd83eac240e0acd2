import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceBusClient } from '@azure/service-bus'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'

let directory: string
let broker: TestBroker
let client: ServiceBusClient

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-sync-'))
})

afterEach(async () => {
  release()
  await client?.close()
  await broker?.close()
  rmSync(directory, { recursive: true, force: true })
})

/** A broker that asks the disk for nothing as long as it is held. */
async function start(...args: string[]): Promise<void> {
  const preload = new URL('./hold-syncs.mjs', import.meta.url)
  broker = await testBroker({ args, env: { NODE_OPTIONS: `--import ${preload}`, HOLD_SYNCS: holdFile() } })
  client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0 } })
}

const holdFile = () => join(directory, 'hold')
const hold = () => writeFileSync(holdFile(), '')
const release = () => rmSync(holdFile(), { force: true })
const syncs = () => broker.log().split('fdatasync\n').length - 1

function journalText(): string {
  const journal = join(broker.dataDirectory, 'journal')
  return readdirSync(journal)
    .map((name) => readFileSync(join(journal, name), 'latin1'))
    .join('')
}

const send = (body: string) => client.createSender('my-queue').sendMessages({ body })

async function peekBodies(): Promise<unknown[]> {
  const reader = new ServiceBusClient(broker.connectionString)
  const messages = await reader.createReceiver('my-queue').peekMessages(10)
  await reader.close()
  return messages.map((message) => message.body)
}

describe('an acknowledged send', () => {
  it('is on disk before its acknowledgement, and there after a crash', async () => {
    await start()
    await send('first')
    hold()
    const before = syncs()
    let isAcknowledged = false
    const sent = send('second').then(() => {
      isAcknowledged = true
    })
    await expect.poll(syncs).toBeGreaterThan(before)
    // Written, but the disk has not confirmed it yet.
    expect(journalText()).toContain('second')
    expect(isAcknowledged).toBe(false)
    release()
    await sent
    await broker.restart('SIGKILL')
    expect(await peekBodies()).toEqual(['first', 'second'])
  })

  it('goes to the disk together with all that come while the disk is at work', async () => {
    await start()
    const sender = client.createSender('my-queue')
    await sender.sendMessages({ body: 'first' })
    hold()
    const before = syncs()
    const sent = Promise.all(Array.from({ length: 40 }, (_, body) => sender.sendMessages({ body })))
    await expect.poll(syncs).toBeGreaterThan(before)
    release()
    await sent
    expect(syncs() - before).toBeLessThan(20)
  })

  it('is not waited for by the disk with --no-sync, and there after a clean stop', async () => {
    await start('--no-sync')
    hold()
    await send('first')
    expect(syncs()).toBe(0)
    expect(journalText()).toContain('first')
    await broker.restart('SIGTERM')
    expect(await peekBodies()).toEqual(['first'])
    expect(syncs()).toBe(0)
  })
})
