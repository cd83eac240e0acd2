import { type ConsumerStatus, currentEngine } from '@/lib/engine/current'
import type { ConsumerState } from '@/lib/generated/prisma/enums'

/** A flow's state as the ledger has it. */
type StoredState = { id: string; state: ConsumerState; stateReason: string; stateChangedAt: Date }

/** Consumers of this process's engine, by flow id. */
export function liveConsumers(): Map<string, ConsumerStatus> {
  return new Map(
    currentEngine()
      .status()
      .map((status) => [status.flowId, status]),
  )
}

/** What the consumer says of itself when it runs in this process, else what the ledger says. */
export function stateOf(flow: StoredState, consumers: Map<string, ConsumerStatus>) {
  const consumer = consumers.get(flow.id)
  return consumer
    ? { state: consumer.state, reason: consumer.reason, changedAt: consumer.changedAt }
    : { state: flow.state, reason: flow.stateReason, changedAt: flow.stateChangedAt }
}
