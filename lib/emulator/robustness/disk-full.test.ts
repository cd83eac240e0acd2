import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ServiceBusClient } from '@azure/service-bus'
import { afterEach, beforeEach, expect, it } from 'vitest'

const BROKER = fileURLToPath(new URL('../start.mjs', import.meta.url))
/** In blocks of 512 bytes, as the shell counts them: half a megabyte. */
const FILE_LIMIT_BLOCKS = 1024

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-disk-full-'))
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Starts the broker; with a limit, no file may grow beyond it and a write then fails as on a full disk. */
async function start(limit: number | undefined) {
  const restrict = limit === undefined ? '' : `trap '' XFSZ; ulimit -f ${limit}; `
  const child = spawn(
    '/bin/sh',
    ['-c', `${restrict}exec "$0" "$@"`, process.execPath, BROKER, '--data', directory, '--port', '0'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })
  const ready = new Promise<string>((resolve) => lines.once('line', resolve))
  const line = await Promise.race([ready, ended.then(() => Promise.reject(new Error(`did not start: ${log}`)))])
  const { connectionString } = JSON.parse(line) as { connectionString: string }
  return { child, connectionString, ended, log: () => log }
}

it('a full disk: the sender is told, the broker stops, and all that it acknowledged is there afterwards', async () => {
  // Once without a limit, so that the bundle is made.
  const unlimited = await start(undefined)
  unlimited.child.kill('SIGTERM')
  expect(await unlimited.ended).toBe(0)

  const full = await start(FILE_LIMIT_BLOCKS)
  const client = new ServiceBusClient(full.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } })
  const sender = client.createSender('my-queue')
  const acknowledged: string[] = []
  let refusal = ''
  while (refusal === '' && acknowledged.length < 100) {
    const messageId = `m${acknowledged.length}`
    await sender.sendMessages({ messageId, body: 'x'.repeat(50_000) }).then(
      () => acknowledged.push(messageId),
      (error: Error) => {
        refusal = error.message
      },
    )
  }
  expect(acknowledged.length).toBeGreaterThan(5)
  expect(refusal).toMatch(/can not write to its disk/)
  expect(await full.ended).toBe(1)
  expect(full.log()).toMatch(/the data directory can not be written/)
  await client.close()

  const again = await start(undefined)
  const reader = new ServiceBusClient(again.connectionString)
  const there = await reader.createReceiver('my-queue').peekMessages(100)
  expect(there.map((message) => message.messageId)).toEqual(acknowledged)
  await reader.close()
  again.child.kill('SIGTERM')
  expect(await again.ended).toBe(0)
})
