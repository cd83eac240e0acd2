import Link from 'next/link'
import { EmptyState } from '@/components/ui/empty-state'
import { LocalTime } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { JobRow } from '@/lib/queue-tools/jobs/queries'
import { labelOfJobKind } from '@/lib/queue-tools/words'
import { JobProgress } from './job-progress'
import { JobState } from './job-state'

/** A flow's jobs, the newest first. */
export function JobList({ flowId, jobs, canManage }: { flowId: string; jobs: JobRow[]; canManage: boolean }) {
  if (jobs.length === 0) {
    return (
      <EmptyState title="No jobs yet">
        {canManage
          ? 'Resubmitting or purging many messages and replaying many executions are jobs. Begin one from Dead letters, Queue or Executions.'
          : 'Its owner has not resubmitted, purged or replayed anything yet.'}
      </EmptyState>
    )
  }
  return (
    <Table label="Jobs" className="min-w-[44rem]">
      <thead>
        <tr>
          <Th>Job</Th>
          <Th>State</Th>
          <Th>Progress</Th>
          <Th>Asked for</Th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <Tr key={job.id}>
            <Td>
              <Link href={`/event-flows/${flowId}/jobs/${job.id}`} className="text-link hover:underline">
                {labelOfJobKind(job.kind)}
              </Link>
              <p className="break-words text-ink-soft text-sm">{job.what}</p>
            </Td>
            <Td>
              <JobState state={job.state} />
            </Td>
            <Td>
              <JobProgress job={job} />
            </Td>
            <Td className="text-sm">
              <LocalTime at={job.createdAt} />
              <p className="text-ink-soft">by {job.requestedBy}</p>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
