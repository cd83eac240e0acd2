'use client'

import { ChevronDown, ChevronUp } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { ScrollBox } from '@/components/ui/scroll-box'
import { type BuildStatus, isFinished } from '@/lib/builds/schema'

/** A build's log in a box that can be made taller; of a failed one its end, which says why, is in view. */
export function BuildLogView({ log, status }: { log: string; status: BuildStatus }) {
  const box = useRef<HTMLElement>(null)
  const [isTall, setTall] = useState(false)
  const isFailed = status === 'failed'

  // biome-ignore lint/correctness/useExhaustiveDependencies: a taller box has another end
  useEffect(() => {
    if (isFailed) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [isFailed, isTall])

  return (
    <div className="flex flex-col items-start gap-2">
      <ScrollBox
        ref={box}
        label="Build log"
        className={cn('w-full rounded-sm border bg-field', isTall ? 'max-h-[70vh]' : 'max-h-72')}
      >
        <pre className="w-max min-w-full p-4 font-mono text-[0.8125rem] leading-relaxed">
          {log || (isFinished(status) ? 'No lines.' : 'No lines yet.')}
        </pre>
      </ScrollBox>
      {log && (
        <Button variant="link" aria-expanded={isTall} onClick={() => setTall(!isTall)}>
          {isTall ? 'Show Less' : 'Show More'}
          {isTall ? <ChevronUp aria-hidden className="size-4" /> : <ChevronDown aria-hidden className="size-4" />}
        </Button>
      )}
    </div>
  )
}
