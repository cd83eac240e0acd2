'use client'

import { ChevronDown, ChevronUp } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { ScrollBox } from '@/components/ui/scroll-box'

/** A build's log in a box that can be made taller. */
export function BuildLogView({ log }: { log: string }) {
  const [isTall, setTall] = useState(false)
  return (
    <div className="flex flex-col items-start gap-2">
      <ScrollBox
        label="Build log"
        className={cn('w-full rounded-sm border bg-field', isTall ? 'max-h-[70vh]' : 'max-h-72')}
      >
        <pre className="w-max min-w-full p-4 font-mono text-[0.8125rem] leading-relaxed">{log || 'No lines yet.'}</pre>
      </ScrollBox>
      <Button variant="link" aria-expanded={isTall} onClick={() => setTall(!isTall)}>
        {isTall ? 'Show Less' : 'Show More'}
        {isTall ? <ChevronUp aria-hidden className="size-4" /> : <ChevronDown aria-hidden className="size-4" />}
      </Button>
    </div>
  )
}
