'use client'

import { type ReactNode, useEffect, useRef } from 'react'

/** Brings what it holds into view when it appears; give it a `key` that changes with the content. */
export function ScrollIntoView({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Newer browsers answer with a promise, which is nothing to clean up with.
    box.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div ref={box} className="scroll-my-4">
      {children}
    </div>
  )
}
