import type { BackOffKind, ConsumerState, MessageOrder } from '@/lib/generated/prisma/enums'

// What browsers need of event flows, apart from the schema, so that no page loads zod for it.

/** How long a message's algorithm may run when the form's field is blank, as in Algorithmia. */
export const DEFAULT_TIMEOUT_SECONDS = 420

/** What a flow does unless somebody chose otherwise; blank fields mean these. */
export const DEFAULT_OPTIONS = {
  concurrency: 16,
  messageOrder: 'unordered',
  backOffKind: 'exponential',
  backOffFirstSeconds: 1,
  backOffLongestMinutes: 1,
  outputCollection: null,
  outputNameTemplate: '<messageId>.json',
  lockRenewalLimitMinutes: null,
} as const satisfies FlowOptions

/** The options of a flow, as they are stored. */
export type FlowOptions = {
  /** Messages that run at a time. */
  concurrency: number
  messageOrder: MessageOrder
  backOffKind: BackOffKind
  backOffFirstSeconds: number
  backOffLongestMinutes: number
  /** `OWNER/COLLECTION`; null for none. */
  outputCollection: string | null
  outputNameTemplate: string
  /** Null: for as long as the message is in work. */
  lockRenewalLimitMinutes: number | null
}

export const MESSAGE_ORDER_LABELS: Record<MessageOrder, string> = {
  unordered: 'Unordered',
  session: 'Per session',
}

export const BACK_OFF_LABELS: Record<BackOffKind, string> = {
  none: 'None: deliver again at once',
  fixed: 'Fixed: wait the same time',
  exponential: 'Exponential: double the time',
}

export const TEST_MESSAGE_CONTENT_TYPES = ['application/json', 'text/plain'] as const

const STATE_LABELS: Record<ConsumerState, string> = {
  stopped: 'Stopped',
  starting: 'Starting',
  receiving: 'Receiving',
  reconnecting: 'Reconnecting',
  misconfigured: 'Misconfigured',
  waiting_for_version: 'Waiting for a version',
  draining: 'Draining',
  paused: 'Paused',
}

/** A consumer's state in words. */
export function labelOfState(state: ConsumerState): string {
  return STATE_LABELS[state]
}
