'use client'

import { Button } from '@/components/ui/button'
import { LocalTime } from '@/components/ui/local-time'
import { ProgressBar } from '@/components/ui/progress-bar'
import type { ExecutionPage } from '@/lib/executions/list'
import type { ExecutionListView } from '@/lib/executions/schema'
import { ExecutionList } from './execution-list'
import { type SearchOn, useSearchOn } from './use-search-on'

type SearchedExecutionsProps = { flowId: string; page: ExecutionPage; view: ExecutionListView }

/** Executions that hold a text: the search goes on by itself, and can be stopped. */
export function SearchedExecutions({ flowId, page, view }: SearchedExecutionsProps) {
  const search = useSearchOn(flowId, view, page)
  return (
    <>
      <SearchProgress search={search} newest={page.executions[0]?.startedAt ?? page.searchedTo} />
      <ExecutionList page={search} view={view} isSearching={search.state !== 'over'} />
    </>
  )
}

function SearchProgress({ search, newest }: { search: SearchOn; newest: Date | null }) {
  const { state, searchedTo, oldest, problem } = search
  if (state === 'over' || !searchedTo) return null
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <p className="text-ink-soft" aria-live="off">
          {state === 'running' ? 'Searching: back to ' : 'Searched back to '}
          <LocalTime at={searchedTo} />
          {oldest && (
            <>
              {'; the oldest is from '}
              <LocalTime at={oldest} />
            </>
          )}
        </p>
        {state === 'running' ? (
          <Button size="sm" onClick={search.stop}>
            Stop
          </Button>
        ) : (
          <Button size="sm" onClick={search.goOn}>
            Go on
          </Button>
        )}
      </div>
      {oldest && newest && (
        <ProgressBar
          label="How far the search has come"
          value={newest.getTime() - searchedTo.getTime()}
          max={newest.getTime() - oldest.getTime()}
        />
      )}
      {problem && (
        <p role="alert" className="text-danger">
          {problem}
        </p>
      )}
    </div>
  )
}
