'use client'

import { useEffect, useState, useSyncExternalStore } from 'react'
import { formatAgo, formatDateTime } from '@/lib/format'

const NEVER_CHANGES = () => () => {}
const TICK_MS = 10_000

/** A moment in the reader's own time zone; the server, which does not know it, shows UTC until the page is alive. */
export function LocalTime({ at }: { at: Date | string }) {
  const moment = new Date(at)
  const text = useSyncExternalStore(
    NEVER_CHANGES,
    () => formatDateTime(moment),
    () => formatDateTime(moment, 'UTC'),
  )
  return <time dateTime={moment.toISOString()}>{text}</time>
}

/** `3 minutes ago`, kept up to date; the exact moment is its tooltip. */
export function TimeAgo({ at }: { at: Date | string }) {
  const moment = new Date(at)
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <time dateTime={moment.toISOString()} title={moment.toISOString()} suppressHydrationWarning>
      {formatAgo(moment, new Date())}
    </time>
  )
}
