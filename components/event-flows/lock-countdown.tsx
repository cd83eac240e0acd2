'use client'

import { useEffect, useState } from 'react'

const TICK_MS = 1000

/** Seconds until a lock ends, counted down. The engine renews locks, so the end moves on. */
export function LockCountdown({ until }: { until: Date }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.round((until.getTime() - now) / 1000))
  return (
    <span suppressHydrationWarning className="tabular-nums">
      {seconds} s
    </span>
  )
}
