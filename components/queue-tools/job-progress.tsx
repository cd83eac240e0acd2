import { ProgressBar } from '@/components/ui/progress-bar'
import { formatCount } from '@/lib/format'
import type { JobRow } from '@/lib/queue-tools/jobs/queries'

/** How far a job has come, as a bar and in words. */
export function JobProgress({ job: { total, doneCount, failedCount } }: { job: JobRow }) {
  if (total === null) return <span className="text-ink-soft">Not counted yet</span>
  const words = `${formatCount(doneCount)} of ${formatCount(total)}${failedCount > 0 ? `, ${formatCount(failedCount)} failed` : ''}`
  return (
    <div className="flex min-w-40 flex-col gap-1">
      <ProgressBar
        label={`Progress: ${words}`}
        max={total === 0 ? 1 : total}
        value={total === 0 ? 1 : doneCount + failedCount}
      />
      <span className="text-sm tabular-nums">{words}</span>
    </div>
  )
}
