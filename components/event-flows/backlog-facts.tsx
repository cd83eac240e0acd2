'use client'

import Link from 'next/link'
import { useEffect, useState } from 'react'
import { TimeAgo } from '@/components/ui/local-time'
import { Skeleton } from '@/components/ui/skeleton'
import { formatCount } from '@/lib/format'
import type { BacklogAnswer } from '@/lib/queue-tools/backlog'

const ASK_MS = 10_000
const NO_ANSWER: BacklogAnswer = { problem: 'The server did not answer.', backlog: null }

/** What waits on the queue and on its dead-letter queue, asked for every ten seconds while somebody looks. */
export function BacklogFacts({ flowId }: { flowId: string }) {
  const answer = useBacklog(flowId)
  if (!answer) return <Skeleton className="h-10 w-full" />
  if (answer.problem !== null) return <p className="text-danger text-sm">{answer.problem}</p>
  const { counts, oldestActiveAt, oldestDeadLetterAt } = answer.backlog
  return (
    <>
      <dl className="flex flex-col gap-1.5 text-sm">
        <Fact name="On the queue" count={counts?.active} oldestAt={oldestActiveAt} />
        <Fact name="Dead letters" count={counts?.deadLetter} oldestAt={oldestDeadLetterAt} isBad />
        {counts && counts.scheduled > 0 && <Fact name="Scheduled" count={counts.scheduled} oldestAt={null} />}
      </dl>
      {!counts && (
        <p className="text-ink-soft text-sm">
          How many there are is told only to a connection string with the Manage right.
        </p>
      )}
      {oldestDeadLetterAt && (
        <Link href={`/event-flows/${flowId}/dead-letters`} className="text-link text-sm hover:underline">
          Look at the dead letters
        </Link>
      )}
    </>
  )
}

type FactProps = { name: string; count: number | undefined; oldestAt: string | null; isBad?: boolean }

function Fact({ name, count, oldestAt, isBad }: FactProps) {
  const tone = isBad && (count || oldestAt) ? 'text-danger' : ''
  return (
    <div className="flex flex-wrap items-baseline gap-x-2">
      <dt className="text-ink-soft">{name}</dt>
      <dd className={`font-semibold tabular-nums ${tone}`}>
        {count === undefined ? someOrNone(oldestAt) : formatCount(count)}
      </dd>
      {oldestAt && (
        <dd className="text-ink-soft">
          the oldest from <TimeAgo at={oldestAt} />
        </dd>
      )}
    </div>
  )
}

/** A look at the first message is allowed without it, so that there is none can be said. */
const someOrNone = (oldestAt: string | null): string => (oldestAt ? 'needs Manage' : 'none')

function useBacklog(flowId: string): BacklogAnswer | undefined {
  const [answer, setAnswer] = useState<BacklogAnswer>()
  useEffect(() => {
    const stop = new AbortController()
    const ask = async () => {
      if (document.hidden) return
      const found = await fetchBacklog(flowId, stop.signal).catch(() => NO_ANSWER)
      if (!stop.signal.aborted) setAnswer(found)
    }
    void ask()
    const timer = setInterval(ask, ASK_MS)
    document.addEventListener('visibilitychange', ask)
    return () => {
      stop.abort()
      clearInterval(timer)
      document.removeEventListener('visibilitychange', ask)
    }
  }, [flowId])
  return answer
}

async function fetchBacklog(flowId: string, signal: AbortSignal): Promise<BacklogAnswer> {
  const response = await fetch(`/api/event-flows/${flowId}/backlog`, { signal })
  return response.ok ? await response.json() : NO_ANSWER
}
