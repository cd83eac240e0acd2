import { decrypt } from '@/lib/crypto'
import type { Db } from '@/lib/db'
import { withSettlements } from '@/lib/executions/settlements'
import type { Prisma } from '@/lib/generated/prisma/client'
import { logger } from '@/lib/logger'
import { readLimitsMark } from '@/lib/settings/queries'
import type { TestBroker } from '@/lib/testing/broker'
import { resolveForFlow } from '@/lib/versions/resolve'
import type { OutgoingMessage } from '../broker/port'
import { sendMessage } from '../broker/send'
import { connectServiceBus } from '../broker/service-bus'
import { shareConnections } from '../broker/shared-connections'
import { Engine } from '../engine'
import type { EngineOptions } from '../engine-options'
import { connectFlow, makeAlgorithmRow, publishRow } from './ledger-fixture'
import { type Script, scriptedRuntime } from './scripted-runtime'
import { waitUntil } from './wait-until'

type QueueProperties = Parameters<TestBroker['createQueue']>[1]

let queues = 0

/** A queue connected to a published algorithm, as the engine finds it. */
export async function makeConnectedFlow(
  db: Db,
  broker: TestBroker,
  options: { queue?: QueueProperties; isPublished?: boolean; flow?: Prisma.EventFlowUpdateInput } = {},
) {
  queues += 1
  const queueName = `queue-${queues}`
  await broker.createQueue(queueName, options.queue)
  const algorithm = await makeAlgorithmRow(db)
  if (options.isPublished ?? true) await publishRow(db, algorithm.id)
  const address = { connectionString: broker.connectionString, queueName }
  const flow = await connectFlow(db, algorithm, address)
  if (options.flow) await db.eventFlow.update({ where: { id: flow.id }, data: options.flow })
  return {
    algorithm,
    flowId: flow.id,
    address,
    send: (body: string, more: Omit<OutgoingMessage, 'body'> = {}) => sendMessage({ ...address, body, ...more }),
    change: (data: Prisma.EventFlowUpdateInput) => db.eventFlow.update({ where: { id: flow.id }, data }),
    executions: async () => {
      const where = { flowId: flow.id }
      return withSettlements(db, await db.execution.findMany({ where, orderBy: { id: 'asc' }, include: { log: true } }))
    },
    flow: () => db.eventFlow.findUniqueOrThrow({ where: { id: flow.id } }),
  }
}

export type ConnectedFlow = Awaited<ReturnType<typeof makeConnectedFlow>>

type FixtureOptions = Partial<EngineOptions> & {
  /** Stands between the engine and its runtime. */
  runtimeWrapper?: (runtime: EngineOptions['runtime']) => EngineOptions['runtime']
}

/** An engine on a scripted runtime, with quick times. */
export function makeEngine(script: Script, { runtimeWrapper, ...options }: FixtureOptions = {}) {
  const runtime = scriptedRuntime(script)
  const engine = new Engine({
    runtime: runtimeWrapper?.(runtime) ?? runtime,
    connectBroker: shareConnections(connectServiceBus),
    resolve: resolveForFlow,
    limitsMark: readLimitsMark,
    unseal: (sealed) => decrypt(sealed),
    logger: logger.child({}, { level: process.env.HEADRACE_LOG_LEVEL ?? 'silent' }),
    reconcileMs: 100,
    leaseMs: 3_000,
    misconfiguredRetryMs: 300,
    drainMs: 10_000,
    backOff: { firstMs: 50, factor: 2, longestMs: 400 },
    ...options,
  })
  return {
    engine,
    inputs: runtime.inputs,
    /** Versions that flows keep a worker ready for. */
    kept: runtime.kept,
    statusOf: (flowId: string) => engine.status().find((status) => status.flowId === flowId),
    untilState: (flowId: string, state: string) =>
      waitUntil(`the consumer is ${state}`, () => {
        const status = engine.status().find((candidate) => candidate.flowId === flowId)
        return status?.state === state && status
      }),
  }
}
