import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe } from 'vitest'
import { expectAbilities } from './expect-abilities'
import { installPythonClient } from './python-client'
import { type CheckResult, type ClientBroker, runClient, startClientBroker } from './run-client'

const PROGRAM = fileURLToPath(new URL('./python/main.py', import.meta.url))

/** Installing, when it is not there yet, and running all checks. */
const HOOK_TIMEOUT_MS = 300_000

describe.each([
  ['azure-servicebus==7.15.0', 'python', 'plain'],
  ['azure-servicebus==7.3.1', 'python-guide', 'tls'],
] as const)('Python %s', (requirement, client, TRANSPORT) => {
  let broker: ClientBroker | undefined
  let results: Map<string, CheckResult> | undefined

  beforeAll(async () => {
    const [interpreter, started] = await Promise.all([installPythonClient(requirement), startClientBroker()])
    broker = started
    results = await runClient(started, interpreter, [PROGRAM], { TRANSPORT, PYTHONDONTWRITEBYTECODE: '1' })
  }, HOOK_TIMEOUT_MS)

  afterAll(() => broker?.close())

  expectAbilities(client, () => results)
})
