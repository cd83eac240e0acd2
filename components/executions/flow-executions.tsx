import { LinkButton } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { ParamSelect } from '@/components/ui/param-select'
import type { ExecutionPage } from '@/lib/executions/list'
import type { ExecutionListView } from '@/lib/executions/schema'
import { EXECUTION_STATUSES, labelOfStatus } from '@/lib/executions/words'
import { ExecutionTable } from './execution-table'

const ALL = 'all'
const STATUS_OPTIONS = [
  { value: ALL, label: 'All' },
  ...EXECUTION_STATUSES.map((status) => ({ value: status, label: labelOfStatus(status) })),
]

/** A flow's executions, newest first, page by page. */
export function FlowExecutions({ page, view }: { page: ExecutionPage; view: ExecutionListView }) {
  const { executions, next } = page
  return (
    <Section
      title="Executions"
      actions={<ParamSelect param="status" label="Filter by" options={STATUS_OPTIONS} defaultValue={ALL} />}
    >
      {executions.length > 0 ? (
        <ExecutionTable executions={executions} label="Executions" />
      ) : (
        <p className="py-6 text-ink-soft">
          {view.status || view.after
            ? 'No execution matches. Choose another filter.'
            : 'Nothing ran yet. Send a message to the queue, and its execution appears here.'}
        </p>
      )}
      <div className="flex justify-end gap-3">
        {view.after && <LinkButton href={hrefOf(view, null)}>Newest</LinkButton>}
        {next && <LinkButton href={hrefOf(view, next)}>Older</LinkButton>}
      </div>
    </Section>
  )
}

function hrefOf({ status }: ExecutionListView, after: string | null): string {
  return `?${new URLSearchParams({ ...(status && { status }), ...(after && { after }) })}`
}
