'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import type { LiveTopic } from '@/lib/live/bus'

const MIN_INTERVAL_MS = 400

type RefreshOnChangeProps = {
  topics: LiveTopic[]
  /** Milliseconds by the server's clock: what the page shows was read after it. */
  since: number
}

/** Asks the server for this page again whenever one of `topics` changes, at most every 400 ms. Renders nothing. */
export function RefreshOnChange({ topics, since }: RefreshOnChangeProps) {
  const router = useRouter()
  const key = topics.join(',')
  const shownSince = useRef(since)
  useEffect(() => {
    shownSince.current = since
  }, [since])

  useEffect(() => {
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let hasOpened = false

    function refreshSoon() {
      timer ??= setTimeout(() => {
        timer = undefined
        router.refresh()
      }, MIN_INTERVAL_MS)
    }

    function onOpen() {
      // What changed while the connection was gone would be missed otherwise.
      if (hasOpened) refreshSoon()
      hasOpened = true
    }

    // A browser keeps only six connections to one server over HTTP/1.1, for all its tabs together: a tab in the
    // background gives its own back.
    function listenWhileVisible() {
      source?.close()
      if (document.hidden) return
      source = new EventSource(`/api/live?topics=${encodeURIComponent(key)}&since=${shownSince.current}`)
      source.addEventListener('change', refreshSoon)
      source.addEventListener('open', onOpen)
    }

    listenWhileVisible()
    document.addEventListener('visibilitychange', listenWhileVisible)
    return () => {
      document.removeEventListener('visibilitychange', listenWhileVisible)
      source?.close()
      clearTimeout(timer)
    }
  }, [key, router])

  return null
}
