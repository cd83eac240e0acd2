import { formatCount } from '@/lib/format'

type Counts = { deliveredCount: number; succeededCount: number; failedCount: number; deadLetteredCount: number }

/** What became of a flow's deliveries so far. */
export function FlowCounts({ flow }: { flow: Counts }) {
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
      <Count label="delivered" value={flow.deliveredCount} />
      <Count label="succeeded" value={flow.succeededCount} />
      <Count label="failed" value={flow.failedCount} tone={flow.failedCount > 0 ? 'text-danger' : ''} />
      <Count
        label="dead-lettered"
        value={flow.deadLetteredCount}
        tone={flow.deadLetteredCount > 0 ? 'text-danger' : ''}
      />
    </dl>
  )
}

function Count({ label, value, tone = '' }: { label: string; value: number; tone?: string }) {
  return (
    <div className="flex flex-row-reverse gap-1.5">
      <dt className="text-ink-soft">{label}</dt>
      <dd className={`font-semibold tabular-nums ${tone}`}>{formatCount(value)}</dd>
    </div>
  )
}
