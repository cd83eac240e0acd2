import { expect, it } from 'vitest'
import { peekQueue } from '@/lib/engine/broker/dead-letter'
import { currentEngine } from '@/lib/engine/current'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { connectBroker } from '@/lib/event-flows/commands/connect-broker'
import { sendTestMessage } from '@/lib/event-flows/commands/send-test-message'
import { withSettlements } from '@/lib/executions/settlements'
import { currentRuntime } from '@/lib/runtime/current'
import { makeUserContext } from '@/lib/testing/contexts'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { buildMainFile, publishAlgorithm, testHost } from './testing/host-fixture'

const MESSAGES = 60
const PUBLISH_AT = 20

const host = testHost({ numbers: {} })

it('a publish under load switches a flow to the new version; no delivery is dropped, repeated or mixed up', async () => {
  const { ctx } = await makeUserContext(host.db, { name: 'ezra' })
  const first = await publishAlgorithm(ctx, host.db, 'Numbers', numbers(1))
  const { connectionString } = host
  const { id } = await connectBroker(ctx, { queueName: 'numbers', connectionString, algorithm: 'ezra/Numbers' })
  await waitUntil('it receives', () => currentEngine().status()[0]?.state === 'receiving')
  // Nobody has sent anything: the worker is there because the flow will need it.
  await waitUntil('a worker is warm', () => currentRuntime().runtime.stats().workers === 1)

  const { owner, name, buildId } = await buildMainFile(ctx, host.db, first, numbers(2))
  let publishing: Promise<unknown> | undefined
  for (let number = 0; number < MESSAGES; number++) {
    if (number === PUBLISH_AT) publishing = publishVersion(ctx, { owner, name, buildId, bump: 'minor' })
    await sendTestMessage(ctx, { id, body: String(number) })
  }
  await publishing
  await sendTestMessage(ctx, { id, body: String(MESSAGES) })

  const rows = await waitUntil(
    'all are settled',
    async () => {
      const executions = await host.db.execution.findMany({ where: { flowId: id }, include: { version: true } })
      const found = await withSettlements(host.db, executions)
      return found.filter(({ settledAt }) => settledAt).length > MESSAGES && found
    },
    60_000,
  )
  expect(rows).toHaveLength(MESSAGES + 1)
  for (const row of rows) {
    expect(row).toMatchObject({ status: 'succeeded', settlement: 'completed', deliveryCount: 1 })
    // What ran is what the row says ran, with this message's input.
    expect(JSON.parse(row.resultPreview)).toEqual([row.version?.minor, Number(row.inputPreview)])
  }
  expect(new Set(rows.map(({ inputPreview }) => inputPreview)).size).toBe(MESSAGES + 1)
  expect(new Set(rows.map(({ version }) => version?.minor))).toEqual(new Set([1, 2]))
  expect(rows.find(({ inputPreview }) => inputPreview === String(MESSAGES))?.version?.minor).toBe(2)
  expect(await peekQueue({ queueName: 'numbers', connectionString })).toEqual([])
}, 120_000)

/** An algorithm whose results say which version it is. */
function numbers(version: number): string {
  return `import time\ndef apply(n):\n    time.sleep(0.02)\n    return [${version}, n]\n`
}
