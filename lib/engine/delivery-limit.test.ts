import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { encrypt } from '@/lib/crypto'
import { settledExecutions, testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const KEY = 'bGlzdGVuLW9ubHk='

const engines = testEngines()

beforeAll(async () => {
  const { broker } = engines
  const file = path.join(broker.dataDirectory, 'keys.json')
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: unknown[] }
  writeFileSync(file, JSON.stringify({ keys: [...keys, { name: 'listener', key: KEY, rights: ['Listen'] }] }))
  await broker.restart()
})

/** A flow whose key may only receive. */
async function connectListener() {
  const flow = await engines.connect({ queue: { maxDeliveryCount: 2 } })
  const listening = engines.broker.connectionString
    .replace(/SharedAccessKeyName=[^;]+/, 'SharedAccessKeyName=listener')
    .replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${KEY}`)
  await flow.change({ connectionString: encrypt(listening) })
  return flow
}

describe('a flow whose key may only listen', () => {
  it('counts what the broker dead-letters, and not what is delivered again', async () => {
    const flow = await connectListener()
    let failures = 0
    const { inputs } = await engines.start((input) => {
      if (input === 'bad' || failures < 1) {
        failures += 1
        throw new Error('no')
      }
    })
    await flow.send('bad at first')
    await settledExecutions(flow, 2)
    expect(await flow.flow()).toMatchObject({ failedCount: 1, deadLetteredCount: 0 })
    await flow.send('bad')
    await flow.send('bad')
    await flow.send('{"half', { contentType: 'application/json' })
    await settledExecutions(flow, 7)
    await waitUntil('all are counted', async () => (await flow.flow()).deadLetteredCount === 3)
    expect(inputs.filter((input) => input === 'bad')).toHaveLength(4)
  })
})
