import { LinkButton } from '@/components/ui/button'
import type { ExecutionPage } from '@/lib/executions/list'
import type { ExecutionListView } from '@/lib/executions/schema'
import { ExecutionTable } from './execution-table'
import { hrefOfView } from './view-href'

type ExecutionListProps = {
  page: Pick<ExecutionPage, 'executions' | 'next'>
  view: ExecutionListView
  isSearching?: boolean
}

/** One page of executions, with the ways to the newest and to older ones. */
export function ExecutionList({ page: { executions, next }, view, isSearching }: ExecutionListProps) {
  const { after, ...filter } = view
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  return (
    <>
      {executions.length > 0 ? (
        <ExecutionTable executions={executions} label="Executions" />
      ) : (
        !isSearching && (
          <p className="py-6 text-ink-soft">
            {isFiltered || after
              ? 'No execution matches. Choose another filter.'
              : 'Nothing ran yet. Send a message to the queue, and its execution appears here.'}
          </p>
        )
      )}
      <div className="flex justify-end gap-3">
        {after && <LinkButton href={hrefOfView(filter)}>Newest</LinkButton>}
        {next && !isSearching && <LinkButton href={hrefOfView({ ...filter, after: next })}>Older</LinkButton>}
      </div>
    </>
  )
}
