import type { ConsumerState } from '@/lib/generated/prisma/enums'
import { publishLive } from '@/lib/live/bus'

/** A delivery in work, or held until its back-off is over. Gone when it is settled; then its execution row is there. */
export type InFlightDelivery = {
  executionId: string
  messageId: string | null
  sequenceNumber: string
  /** 1 for the first hand-over. */
  attempt: number
  /** `running` takes a slot; what is `recording` or `held` (until its back-off is over) mostly takes none. */
  stage: 'running' | 'recording' | 'held'
  receivedAt: Date
  lockedUntil: Date
}

/** What one consumer does now. */
export type ConsumerStatus = {
  flowId: string
  ownerId: string
  algorithmId: string
  queueName: string
  namespaceHost: string
  state: ConsumerState
  /** What the state means for this flow and what to do, for people. */
  reason: string
  changedAt: Date
  /** When a link that does not stand is tried again, or was last; null in states that nothing is tried in. */
  nextTryAt: Date | null
  /** The version that the next message runs, when there is one. */
  semanticVersion: string | null
  inFlight: InFlightDelivery[]
}

/** The engine as the console sees it. */
export interface CurrentEngine {
  isRunning: boolean
  status(): ConsumerStatus[]
  /** Looks at the flow again at once: call it after a command created, changed or deleted it. Never throws. */
  refreshFlow(flowId: string): Promise<void>
  /** Looks at all flows again at once: call it after a publish. Never throws. */
  refreshAll(): Promise<void>
}

// Next bundles this module more than once; all share one engine.
const shared = globalThis as unknown as { headraceEngine?: CurrentEngine }

/** Put here by lib/host when the engine starts, and taken away when it stops. */
export function setCurrentEngine(engine: CurrentEngine | undefined): void {
  shared.headraceEngine = engine
}

/** The process's engine; an idle one that consumes nothing when this process hosts none (HEADRACE_ROLE=web). */
export function currentEngine(): CurrentEngine {
  return shared.headraceEngine ?? IDLE
}

const IDLE: CurrentEngine = {
  isRunning: false,
  status: () => [],
  refreshFlow: async () => publishLive('engines'),
  refreshAll: async () => publishLive('engines'),
}
