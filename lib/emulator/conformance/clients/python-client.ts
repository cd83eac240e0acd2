import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from '@/lib/testing/test-authority'
import type { ClientName } from './capabilities'
import { expectAbilities } from './expect-abilities'
import { installPythonClient } from './install-python-client'
import { type CheckResult, type ClientBroker, runClient, startClientBroker } from './run-client'

const PROGRAM = fileURLToPath(new URL('./python/main.py', import.meta.url))

/** Installing, when it is not there yet, and running all checks. */
const HOOK_TIMEOUT_MS = 300_000

type PythonClient = {
  requirement: string
  client: ClientName
  transport: 'plain' | 'tls'
  /** What it says of a broker whose authority it does not know. */
  refusal: RegExp
}

/** The tests of one version of azure-servicebus; a file of its own each, so that they run at the same time. */
export function expectPythonClient({ requirement, client, transport, refusal }: PythonClient): void {
  describe(`Python ${requirement}`, () => {
    let broker: ClientBroker
    let interpreter: string
    let results: Map<string, CheckResult> | undefined

    const run = (env: Record<string, string> = {}) =>
      runClient(broker, interpreter, [PROGRAM], { TRANSPORT: transport, PYTHONDONTWRITEBYTECODE: '1', ...env })

    beforeAll(async () => {
      ;[interpreter, broker] = await Promise.all([installPythonClient(requirement), startClientBroker()])
      results = await run()
    }, HOOK_TIMEOUT_MS)

    afterAll(() => broker?.close())

    expectAbilities(client, () => results)

    it('refuses the broker when it does not know its authority', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'headrace-authority-'))
      const { caFile } = makeAuthority(directory)
      const found = await run({ CHECKS: 'tls', CA_FILE: caFile, AUTH_TIMEOUT_S: '5' })
      rmSync(directory, { recursive: true, force: true })
      expect(found.get('tls')).toMatchObject({ ok: false, error: expect.stringMatching(refusal) })
    })
  })
}
