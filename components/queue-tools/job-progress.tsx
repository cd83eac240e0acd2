import { formatCount } from '@/lib/format'
import type { JobRow } from '@/lib/queue-tools/jobs/queries'

/** How far a job has come, as a bar and in words. */
export function JobProgress({ job: { total, doneCount, failedCount } }: { job: JobRow }) {
  if (total === null) return <span className="text-ink-soft">Not counted yet</span>
  const words = `${formatCount(doneCount)} of ${formatCount(total)}${failedCount > 0 ? `, ${formatCount(failedCount)} failed` : ''}`
  return (
    <div className="flex min-w-40 flex-col gap-1">
      <progress
        aria-label={`Progress: ${words}`}
        max={Math.max(1, total)}
        value={total === 0 ? 1 : doneCount + failedCount}
        // Each engine has its own names for the parts of a bar.
        className="h-2 w-full appearance-none overflow-hidden rounded-sm bg-side-active [&::-moz-progress-bar]:bg-primary [&::-webkit-progress-bar]:bg-side-active [&::-webkit-progress-value]:bg-primary"
      />
      <span className="text-sm tabular-nums">{words}</span>
    </div>
  )
}
