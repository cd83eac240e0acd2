import { Breadcrumbs, PageHeader } from '@/components/ui/page-header'
import type { ExecutionDetail } from '@/lib/executions/queries'
import { ExecutionStatusDot } from './execution-status'

const SOURCES: Record<ExecutionDetail['source'], string> = {
  flow: 'for a message on the queue',
  api: 'for a call over HTTP',
  console: 'from the console of the Web IDE',
  replay: 'again, of an earlier input of the queue',
  dry_run: 'as a dry run of a message on the queue',
}

/** What ran, for whom, and how it ended. */
export function ExecutionHeader({ execution }: { execution: ExecutionDetail }) {
  const { algorithm, flow } = execution
  const path = `${algorithm.owner}/${algorithm.name}`
  return (
    <>
      <Breadcrumbs
        items={[
          { label: path, href: `/algorithms/${path}` },
          ...(flow ? [{ label: flow.queueName, href: `/event-flows/${flow.id}` }] : []),
          { label: 'Execution' },
        ]}
      />
      <PageHeader
        title="Execution"
        description={
          <>
            <ExecutionStatusDot status={execution.status} /> {SOURCES[execution.source]}
            {flow && ` ${flow.queueName}`}
          </>
        }
      />
    </>
  )
}
