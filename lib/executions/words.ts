import type { Settlement } from '@/lib/generated/prisma/enums'
import { ExecutionStatus } from '@/lib/generated/prisma/enums'

export const EXECUTION_STATUSES = Object.values(ExecutionStatus)

const STATUS_LABELS: Record<ExecutionStatus, string> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  abandoned: 'Abandoned',
}

const SETTLEMENT_LABELS: Record<Settlement, string> = {
  completed: 'Completed',
  abandoned: 'Given back to the queue',
  dead_lettered: 'Dead-lettered',
}

export function labelOfStatus(status: ExecutionStatus): string {
  return STATUS_LABELS[status]
}

/** What was done with the message, in words. */
export function labelOfSettlement(settlement: Settlement): string {
  return SETTLEMENT_LABELS[settlement]
}
