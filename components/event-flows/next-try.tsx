'use client'

import { useEffect, useState } from 'react'
import { formatTime } from '@/lib/format'

const TICK_MS = 500

/** When the link to the queue is tried again, or was last. Nothing until the page is alive: it is in the reader's time zone. */
export function NextTry({ at }: { at: Date }) {
  const [now, setNow] = useState<number>()
  useEffect(() => {
    const tick = () => setNow(Date.now())
    tick()
    const timer = setInterval(tick, TICK_MS)
    return () => clearInterval(timer)
  }, [])
  if (now === undefined) return null
  return (
    <p className="text-ink-soft text-sm tabular-nums">
      {at.getTime() > now ? 'Next try at ' : 'Last tried at '}
      <time dateTime={at.toISOString()}>{formatTime(at)}</time>
    </p>
  )
}
