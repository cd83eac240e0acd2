'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import type { LiveTopic } from '@/lib/live/bus'

const MIN_INTERVAL_MS = 400

/** Asks the server for this page again whenever one of `topics` changes, at most every 400 ms. Renders nothing. */
export function LiveRefresh({ topics }: { topics: LiveTopic[] }) {
  const router = useRouter()
  const key = topics.join(',')

  useEffect(() => {
    const source = new EventSource(`/api/live?topics=${encodeURIComponent(key)}`)
    let timer: ReturnType<typeof setTimeout> | undefined
    let hasOpened = false
    const refreshSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        router.refresh()
      }, MIN_INTERVAL_MS)
    }
    source.addEventListener('change', refreshSoon)
    // What changed while the connection was down would be missed otherwise.
    source.addEventListener('open', () => {
      if (hasOpened) refreshSoon()
      hasOpened = true
    })
    return () => {
      source.close()
      clearTimeout(timer)
    }
  }, [key, router])

  return null
}
