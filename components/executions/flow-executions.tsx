import { LinkButton } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { LocalTime } from '@/components/ui/local-time'
import type { FlowDetail } from '@/lib/event-flows/queries'
import type { ExecutionPage } from '@/lib/executions/list'
import type { ExecutionListView } from '@/lib/executions/schema'
import { ExecutionFilters } from './execution-filters'
import { ExecutionTable } from './execution-table'
import { ReplayAllButton } from './replay-all-button'

type FlowExecutionsProps = {
  flow: Pick<FlowDetail, 'id' | 'isMine'>
  page: ExecutionPage
  view: ExecutionListView
  versions: string[]
}

/** A flow's executions, newest first, page by page. */
export function FlowExecutions({ flow, page, view, versions }: FlowExecutionsProps) {
  const { executions, next, searchedTo } = page
  const { after, ...filter } = view
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  return (
    <Section
      title="Executions"
      actions={flow.isMine && <ReplayAllButton flowId={flow.id} view={filter} versions={versions} />}
    >
      <ExecutionFilters versions={versions} />
      {executions.length > 0 ? (
        <ExecutionTable executions={executions} label="Executions" />
      ) : (
        <p className="py-6 text-ink-soft">
          {isFiltered || after
            ? 'No execution matches. Choose another filter.'
            : 'Nothing ran yet. Send a message to the queue, and its execution appears here.'}
        </p>
      )}
      {searchedTo && (
        <p className="text-ink-soft">
          Searched back to <LocalTime at={searchedTo} />. Go on with Older, or narrow the time.
        </p>
      )}
      <div className="flex justify-end gap-3">
        {after && <LinkButton href={hrefOf(filter, null)}>Newest</LinkButton>}
        {next && <LinkButton href={hrefOf(filter, next)}>Older</LinkButton>}
      </div>
    </Section>
  )
}

function hrefOf(filter: Omit<ExecutionListView, 'after'>, after: string | null): string {
  const given = Object.entries({ ...filter, after }).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return `?${new URLSearchParams(given)}`
}
