import { Breadcrumbs, PageHeader } from '@/components/ui/page-header'
import { TextLink } from '@/components/ui/text-link'
import type { ExecutionDetail } from '@/lib/executions/queries'
import { ExecutionStatusDot } from './execution-status'
import { ReplayButton } from './replay-button'

const SOURCES: Record<ExecutionDetail['source'], string> = {
  flow: 'for a message on the queue',
  api: 'for a call over HTTP',
  console: 'from the console of the Web IDE',
  replay: 'again, of an earlier input of the queue',
  dry_run: 'as a dry run of a message on the queue',
}

/** What ran, for whom, and how it ended. */
export function ExecutionHeader({ execution }: { execution: ExecutionDetail }) {
  const { algorithm, flow, replayOfId, replayVersions } = execution
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
            {replayOfId && (
              <>
                {' · '}
                <TextLink href={`/executions/${replayOfId}`}>the execution it replays</TextLink>
              </>
            )}
          </>
        }
        actions={replayVersions && <ReplayButton executionId={execution.id} versions={replayVersions} />}
      />
    </>
  )
}
