'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import type { MessageDetail, MessagePage } from '@/lib/queue-tools/browse-messages'

export type MessageFilterValues = { text: string; reason: string; from: string }

const NO_ANSWER = 'The server did not answer. Check that it is running, then try again.'

/** Pages of a place's messages, asked for when a person wants them: each look costs the broker a request. */
export function useMessages(flowId: string, place: string) {
  const [page, setPage] = useState<MessagePage>()
  const [problem, setProblem] = useState<string>()
  const [isAsking, setAsking] = useState(true)
  const filter = useRef<MessageFilterValues>({ text: '', reason: '', from: '' })

  const ask = useCallback(
    async (from: string, earlier?: MessagePage) => {
      setAsking(true)
      const { text, reason } = filter.current
      const query = new URLSearchParams({
        place,
        ...(from && { from }),
        ...(text && { text }),
        ...(reason && { reason }),
      })
      const answer = await getJson<MessagePage>(`/api/event-flows/${flowId}/messages?${query}`)
      setAsking(false)
      setProblem('problem' in answer ? answer.problem : undefined)
      if ('problem' in answer) return
      const messages = [...(earlier?.messages ?? []), ...answer.data.messages]
      setPage({ ...answer.data, messages, scanned: answer.data.scanned + (earlier?.scanned ?? 0) })
    },
    [flowId, place],
  )

  useEffect(() => void ask(''), [ask])

  return {
    page,
    problem,
    isAsking,
    look: (wanted: MessageFilterValues) => {
      filter.current = wanted
      void ask(wanted.from)
    },
    lookAgain: () => void ask(filter.current.from),
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
    return response.ok ? { data: body as T } : { problem: body.error?.message ?? NO_ANSWER }
  } catch {
    return { problem: NO_ANSWER }
  }
}
