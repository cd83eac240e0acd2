'use client'

import Link from 'next/link'
import { type KeyboardEvent, useRef, useState } from 'react'
import { Badge } from '@/components/ui/badge'
import { Dialog } from '@/components/ui/dialog'
import { Input } from '@/components/ui/input'
import { useSearchHits } from './use-search-hits'

/** Arrow keys go from the field into the hits and back; Enter opens. */
export function SearchDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const { hits, message } = useSearchHits(text)
  const box = useRef<HTMLDivElement>(null)

  function moveFocus(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const stops = [...(box.current?.querySelectorAll<HTMLElement>('input, a') ?? [])]
    const next = stops.indexOf(document.activeElement as HTMLElement) + step
    stops[Math.max(0, Math.min(next, stops.length - 1))]?.focus()
  }

  function openFirst(event: KeyboardEvent) {
    if (event.key === 'Enter') box.current?.querySelector('a')?.click()
  }

  return (
    <Dialog isOpen onOpenChange={onClose} title="Search" className="top-24 translate-y-0">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys only move focus between the field and links in it */}
      <div ref={box} onKeyDown={moveFocus} className="flex flex-col gap-3">
        <Input
          type="search"
          aria-label="Search algorithms, event flows and data"
          placeholder="Algorithms, event flows, data"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={openFirst}
          autoComplete="off"
        />
        <p role="status" className="text-ink-soft text-sm">
          {message}
        </p>
        {hits.length > 0 && (
          <ul aria-label="Results">
            {hits.map((hit) => (
              <li key={hit.href}>
                <Link
                  href={hit.href}
                  onClick={onClose}
                  className="flex items-center justify-between gap-4 rounded-sm px-3 py-2 hover:bg-side focus-visible:bg-side-active"
                >
                  <span className="min-w-0">
                    <span className="block break-words font-semibold">{hit.title}</span>
                    <span className="block break-all font-mono text-ink-soft text-xs">{hit.detail}</span>
                  </span>
                  <Badge>{hit.kind}</Badge>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  )
}
