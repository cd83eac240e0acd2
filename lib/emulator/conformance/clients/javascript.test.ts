import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAbilities } from './expect-abilities'
import { type CheckResult, type ClientBroker, runClient, startClientBroker } from './run-client'

const PROGRAM = fileURLToPath(new URL('./javascript/main.ts', import.meta.url))
const ARGS = ['--import', 'tsx', PROGRAM]

describe('JavaScript @azure/service-bus, over TLS', () => {
  let broker: ClientBroker
  let results: Map<string, CheckResult> | undefined

  beforeAll(async () => {
    broker = await startClientBroker()
    results = await runClient(broker, process.execPath, ARGS, { NODE_EXTRA_CA_CERTS: broker.authority.caFile })
  }, 120_000)

  afterAll(() => broker?.close())

  expectAbilities('javascript', () => results)

  it('refuses the broker when it does not know its authority', async () => {
    const found = await runClient(broker, process.execPath, ARGS, { NODE_EXTRA_CA_CERTS: '', CHECKS: 'tls' })
    expect(found.get('tls')).toMatchObject({ ok: false, error: expect.stringMatching(/certificate/) })
  })
})
