import { findOwnedFlows, readConsumers } from '@/lib/engine/consumers'
import type { ConsumerStatus } from '@/lib/engine/current'
import type { ConsumerState } from '@/lib/generated/prisma/enums'

/** A flow's state as the ledger has it. */
type StoredState = { id: string; state: ConsumerState; stateReason: string; stateChangedAt: Date }

/** What live engines say of flows; a flow that none of them has is in neither. */
export type LiveConsumers = { consumers: Map<string, ConsumerStatus>; owned: Set<string> }

/** States that only a living engine can have left a flow in. */
const BUSY_STATES: ReadonlySet<ConsumerState> = new Set(['starting', 'receiving', 'reconnecting', 'draining'])

const NO_ENGINE_TEXT =
  'No engine has this event flow. One takes it within 15 seconds if any runs; messages stay on the queue until then.'

/** Consumers of these flows, wherever they run. */
export async function liveConsumers(flowIds: string[]): Promise<LiveConsumers> {
  const statuses = await readConsumers(flowIds)
  const consumers = new Map(statuses.map((status) => [status.flowId, status]))
  const others = flowIds.filter((id) => !consumers.has(id))
  return { consumers, owned: others.length > 0 ? await findOwnedFlows(others) : new Set() }
}

/** What the consumer says of itself, else what the ledger says; an engine that died can not take its words back. */
export function stateOf(flow: StoredState, { consumers, owned }: LiveConsumers) {
  const consumer = consumers.get(flow.id)
  if (consumer) {
    const { state, reason, changedAt, nextTryAt } = consumer
    return { state, reason, changedAt, nextTryAt }
  }
  const isForsaken = BUSY_STATES.has(flow.state) && !owned.has(flow.id)
  return {
    state: isForsaken ? ('stopped' as const) : flow.state,
    reason: isForsaken ? NO_ENGINE_TEXT : flow.stateReason,
    changedAt: flow.stateChangedAt,
    nextTryAt: null,
  }
}
