'use client'

import { useEffect, useState } from 'react'
import type { ExecutionPage, ExecutionRow } from '@/lib/executions/list'
import { EXECUTIONS_PER_PAGE, type ExecutionListView } from '@/lib/executions/schema'
import { hrefOfView } from './view-href'

const NO_ANSWER = 'The server did not answer.'

export type SearchOn = ExecutionPage & {
  /** `stopped`: by a person, or because the server did not answer. */
  state: 'running' | 'stopped' | 'over'
  problem: string | null
  stop(): void
  goOn(): void
}

/**
 * Goes on with a search that ended before the last row, from where `page` ended, until it has a page full of rows or has
 * looked through all. `page` may change meanwhile: what was found stays, and what is new comes to it.
 */
export function useSearchOn(flowId: string, view: ExecutionListView, page: ExecutionPage): SearchOn {
  const [found, setFound] = useState<ExecutionPage | null>(null)
  const [isStopped, setStopped] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const known = found ?? page
  const hasMore = known.searchedTo !== null && known.executions.length < EXECUTIONS_PER_PAGE
  const isRunning = hasMore && !isStopped

  // biome-ignore lint/correctness/useExhaustiveDependencies: one answer at a time; each is the reason to ask for the next
  useEffect(() => {
    if (!isRunning || !known.next) return
    const stop = new AbortController()
    askForMore(`/api/event-flows/${flowId}/executions${hrefOfView({ ...view, after: known.next })}`, stop.signal).then(
      (more) => {
        if (!stop.signal.aborted) setFound({ ...more, executions: united(known.executions, more.executions) })
      },
      () => {
        if (stop.signal.aborted) return
        setProblem(NO_ANSWER)
        setStopped(true)
      },
    )
    return () => stop.abort()
  }, [isRunning, found])

  return {
    ...known,
    executions: found ? united(page.executions, found.executions) : page.executions,
    state: isRunning ? 'running' : hasMore ? 'stopped' : 'over',
    problem,
    stop: () => setStopped(true),
    goOn: () => {
      setProblem(null)
      setStopped(false)
    },
  }
}

async function askForMore(path: string, signal: AbortSignal): Promise<ExecutionPage> {
  const answer = await fetch(path, { signal })
  if (!answer.ok) throw new Error(NO_ANSWER)
  const page: ExecutionPage = await answer.json()
  return {
    ...page,
    executions: page.executions.map((row) => ({ ...row, startedAt: new Date(row.startedAt) })),
    searchedTo: page.searchedTo && new Date(page.searchedTo),
    oldest: page.oldest && new Date(page.oldest),
  }
}

/** Newest first, as the list is; of a row that is in both, the first counts. */
function united(one: ExecutionRow[], other: ExecutionRow[]): ExecutionRow[] {
  const ids = new Set(one.map(({ id }) => id))
  return [...one, ...other.filter(({ id }) => !ids.has(id))].sort(
    (a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1),
  )
}
