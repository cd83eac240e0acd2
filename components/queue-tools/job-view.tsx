import Link from 'next/link'
import { Section } from '@/components/ui/card'
import { LocalTime } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { JobDetail } from '@/lib/queue-tools/jobs/queries'
import { labelOfJobKind } from '@/lib/queue-tools/words'
import { JobControls } from './job-controls'
import { JobProgress } from './job-progress'
import { JobState } from './job-state'

/** One job: how far it is, who asked for it, and what of it needs a look. */
export function JobView({ flowId, job, canManage }: { flowId: string; job: JobDetail; canManage: boolean }) {
  return (
    <div className="flex flex-col gap-8">
      <Section
        title={labelOfJobKind(job.kind)}
        description={job.what}
        actions={canManage && <JobControls job={{ id: job.id, state: job.state }} />}
      >
        <div className="flex flex-wrap items-center gap-x-8 gap-y-3">
          <JobState state={job.state} />
          <JobProgress job={job} />
          <span className="text-ink-soft text-sm">
            Asked for by {job.requestedBy}, <LocalTime at={job.createdAt} />
            {job.finishedAt && (
              <>
                ; ended <LocalTime at={job.finishedAt} />
              </>
            )}
          </span>
        </div>
        {job.note && <p>{job.note}</p>}
        <Link href={`/event-flows/${flowId}/jobs`} className="text-link hover:underline">
          All jobs
        </Link>
      </Section>
      {job.items.length > 0 && <JobItems job={job} />}
    </div>
  )
}

function JobItems({ job: { items, kind, hasMoreItems } }: { job: JobDetail }) {
  return (
    <Section title="What needs a look" description={hasMoreItems ? 'The first hundred of them.' : undefined}>
      <Table label="What needs a look">
        <thead>
          <tr>
            <Th>{kind === 'replay' ? 'Execution' : 'Message'}</Th>
            <Th>What happened</Th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Tr key={item.itemKey}>
              <Td className="break-all font-mono text-sm">
                {kind === 'replay' ? (
                  <Link href={`/executions/${item.itemKey}`} className="text-link hover:underline">
                    {item.itemKey}
                  </Link>
                ) : (
                  `${item.itemKey}${item.messageId ? ` · ${item.messageId}` : ''}`
                )}
              </Td>
              <Td>{item.note}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  )
}
