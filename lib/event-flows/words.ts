import type { ConsumerState } from '@/lib/generated/prisma/enums'

// What browsers need of event flows, apart from the schema, so that no page loads zod for it.

/** How long a message's algorithm may run when the form's field is blank, as in Algorithmia. */
export const DEFAULT_TIMEOUT_SECONDS = 420

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
