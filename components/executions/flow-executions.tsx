import { Section } from '@/components/ui/card'
import type { FlowDetail } from '@/lib/event-flows/queries'
import type { ExecutionPage } from '@/lib/executions/list'
import type { ExecutionListView } from '@/lib/executions/schema'
import { ExecutionFilters } from './execution-filters'
import { ExecutionList } from './execution-list'
import { ReplayAllButton } from './replay-all-button'
import { SearchedExecutions } from './searched-executions'
import { hrefOfView } from './view-href'

type FlowExecutionsProps = {
  flow: Pick<FlowDetail, 'id' | 'isMine'>
  page: ExecutionPage
  view: ExecutionListView
  versions: string[]
}

/** A flow's executions, newest first, page by page. */
export function FlowExecutions({ flow, page, view, versions }: FlowExecutionsProps) {
  const { after: _, ...filter } = view
  return (
    <Section
      title="Executions"
      actions={flow.isMine && <ReplayAllButton flowId={flow.id} view={filter} versions={versions} />}
    >
      <ExecutionFilters versions={versions} />
      {view.q ? (
        <SearchedExecutions key={hrefOfView(view)} flowId={flow.id} page={page} view={view} />
      ) : (
        <ExecutionList page={page} view={view} />
      )}
    </Section>
  )
}
