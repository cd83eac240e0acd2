'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import type { MessageDetail, MessagePage } from '@/lib/queue-tools/browse-messages'

export type MessageFilterValues = { text: string; reason: string; from: string }

const NO_ANSWER = 'The server did not answer. Check that it is running, then try again.'

/** Pages of a place's messages, asked for when a person wants them: each look costs the broker a request. */
export function useMessages(flowId: string, place: string, { text, reason, from }: MessageFilterValues) {
  const [page, setPage] = useState<MessagePage>()
  const [problem, setProblem] = useState<string>()
  const [isAsking, setAsking] = useState(true)
  const lastAsked = useRef(0)

  const ask = useCallback(
    async (start: string, earlier?: MessagePage) => {
      lastAsked.current += 1
      const asked = lastAsked.current
      setAsking(true)
      const query = new URLSearchParams({
        place,
        ...(start && { from: start }),
        ...(text && { text }),
        ...(reason && { reason }),
      })
      const answer = await getJson<MessagePage>(`/api/event-flows/${flowId}/messages?${query}`)
      // Something else was asked for meanwhile: its answer counts.
      if (asked !== lastAsked.current) return
      setAsking(false)
      setProblem('problem' in answer ? answer.problem : undefined)
      if ('problem' in answer) return
      const messages = [...(earlier?.messages ?? []), ...answer.data.messages]
      setPage({ ...answer.data, messages, scanned: answer.data.scanned + (earlier?.scanned ?? 0) })
    },
    [flowId, place, text, reason],
  )

  useEffect(() => void ask(from), [ask, from])

  return {
    page,
    problem,
    isAsking,
    lookAgain: () => void ask(from),
    more: () => page?.next && void ask(page.next, page),
  }
}

/** One message with its body, whenever another one is chosen. */
export function useMessage(flowId: string, place: string, sequenceNumber: string | undefined) {
  const [answer, setAnswer] = useState<{ of: string; message?: MessageDetail; problem?: string }>()
  useEffect(() => {
    if (!sequenceNumber) return
    let isWanted = true
    void getJson<MessageDetail>(`/api/event-flows/${flowId}/messages/${sequenceNumber}?place=${place}`).then((got) => {
      if (isWanted) setAnswer({ of: sequenceNumber, ...('problem' in got ? got : { message: got.data }) })
    })
    return () => {
      isWanted = false
    }
  }, [flowId, place, sequenceNumber])
  return answer?.of === sequenceNumber ? answer : undefined
}

async function getJson<T>(url: string): Promise<{ data: T } | { problem: string }> {
  try {
    const response = await fetch(url)
    const body = await response.json()
    return response.ok ? { data: body as T } : { problem: problemOf(body.error) }
  } catch {
    return { problem: NO_ANSWER }
  }
}

function problemOf(error: { message: string; fields?: Record<string, string> } | undefined): string {
  const [fieldProblem] = Object.values(error?.fields ?? {})
  return fieldProblem ?? error?.message ?? NO_ANSWER
}
