import type { ExecutionSource, Settlement } from '@/lib/generated/prisma/enums'
import { ExecutionStatus } from '@/lib/generated/prisma/enums'

export const EXECUTION_STATUSES = Object.values(ExecutionStatus)

/** Named ranges of time up to now. */
export const TIME_RANGES = ['15m', '1h', '24h', '7d'] as const
export type TimeRange = (typeof TIME_RANGES)[number]

const MINUTE_MS = 60_000
const RANGES: Record<TimeRange, { label: string; ms: number }> = {
  '15m': { label: 'Last 15 minutes', ms: 15 * MINUTE_MS },
  '1h': { label: 'Last hour', ms: 60 * MINUTE_MS },
  '24h': { label: 'Last 24 hours', ms: 24 * 60 * MINUTE_MS },
  '7d': { label: 'Last 7 days', ms: 7 * 24 * 60 * MINUTE_MS },
}

const STATUS_LABELS: Record<ExecutionStatus, string> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  abandoned: 'Abandoned',
}

const SOURCE_LABELS: Record<ExecutionSource, string> = {
  flow: 'Delivery',
  api: 'API call',
  console: 'Console',
  replay: 'Replay',
  dry_run: 'Dry run',
}

const SETTLEMENT_LABELS: Record<Settlement, string> = {
  completed: 'Completed',
  abandoned: 'Given back to the queue',
  dead_lettered: 'Dead-lettered',
}

export function labelOfStatus(status: ExecutionStatus): string {
  return STATUS_LABELS[status]
}

/** What made it run, in a word or two. */
export function labelOfSource(source: ExecutionSource): string {
  return SOURCE_LABELS[source]
}

export function labelOfRange(range: TimeRange): string {
  return RANGES[range].label
}

export function startOfRange(range: TimeRange, now = Date.now()): Date {
  return new Date(now - RANGES[range].ms)
}

/** What was done with the message, in words. */
export function labelOfSettlement(settlement: Settlement): string {
  return SETTLEMENT_LABELS[settlement]
}
