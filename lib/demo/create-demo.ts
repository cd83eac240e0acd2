import { setTimeout as sleep } from 'node:timers/promises'
import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { startBuild } from '@/lib/builds/commands/start-build'
import { getBuild } from '@/lib/builds/queries'
import type { Context } from '@/lib/context'
import { createCollection } from '@/lib/data/commands/create-collection'
import { connectBroker } from '@/lib/event-flows/commands/connect-broker'
import { sendTestMessage } from '@/lib/event-flows/commands/send-test-message'
import { getFlow } from '@/lib/event-flows/queries'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { DEMO, DEMO_MESSAGES, SAMPLE_INPUT, subscriberSource } from './source'

const POLL_MS = 100
const BUILD_TIMEOUT_MS = 120_000
const STORE_TIMEOUT_MS = 60_000

export type CreatedDemo = { endpoint: string; collection: string; queue: string }

/**
 * Makes data to look at, by the commands that the console uses: an algorithm, published, with a collection and an
 * event flow on `demo-queue`, and messages that have run. The queue must be there.
 * @param connectionString of the broker with the queue
 */
export async function createDemo(ctx: Context, connectionString: string, signal: AbortSignal): Promise<CreatedDemo> {
  const owner = ctx.actor.name
  const path = { owner, name: DEMO.algorithm }
  const { uri } = await createCollection(ctx, { name: DEMO.collection })
  const algorithm = await createAlgorithm(ctx, {
    name: DEMO.algorithm,
    tagline: 'Stores each message of a queue as a file in a collection.',
  })
  await saveSource(ctx, {
    ...path,
    parentSha: algorithm.commitSha,
    changes: [{ path: `src/${DEMO.algorithm}.py`, text: subscriberSource(owner) }],
    message: 'Store each message as a file',
  })
  const buildId = await build(ctx, path, signal)
  const { endpoint } = await publishVersion(ctx, {
    ...path,
    buildId,
    bump: 'minor',
    releaseNotes: 'Stores each message as a file.',
    sampleInput: SAMPLE_INPUT,
  })
  const flow = await connectBroker(ctx, {
    queueName: DEMO.queue,
    connectionString,
    algorithm: `${owner}/${DEMO.algorithm}`,
    timeoutSeconds: 30,
  })
  for (const message of DEMO_MESSAGES) await sendTestMessage(ctx, { id: flow.id, body: JSON.stringify(message) })
  await untilStored(ctx, flow.id, signal)
  return { endpoint, collection: uri, queue: DEMO.queue }
}

async function build(ctx: Context, path: { owner: string; name: string }, signal: AbortSignal): Promise<string> {
  const { buildId } = await startBuild(ctx, path)
  for (const end = Date.now() + BUILD_TIMEOUT_MS; Date.now() < end; await sleep(POLL_MS, undefined, { signal })) {
    const { status, error } = await getBuild(ctx, { ...path, buildId })
    if (status === 'succeeded') return buildId
    if (status === 'failed') throw new Error(error ?? 'The build failed; its page has the log.')
  }
  throw new Error('The build did not end in time.')
}

/** Waits for the messages that succeed; the other one is tried again for as long as its queue allows. */
async function untilStored(ctx: Context, flowId: string, signal: AbortSignal): Promise<void> {
  const expected = DEMO_MESSAGES.filter((message) => 'filename' in message).length
  for (const end = Date.now() + STORE_TIMEOUT_MS; Date.now() < end; await sleep(POLL_MS, undefined, { signal })) {
    const { succeededCount, state, stateReason } = await getFlow(ctx, { id: flowId })
    if (succeededCount >= expected) return
    if (state === 'misconfigured') throw new Error(stateReason)
  }
  throw new Error('The messages did not run in time; the event flow’s page says how far they are.')
}
