'use client'

import { Search } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { cn } from './cn'
import { Input } from './input'
import { useSetParams } from './use-set-params'

const PAUSE_MS = 250

type SearchInputProps = { param?: string; label?: string; placeholder?: string; className?: string }

/** A filter that lives in the URL: written there a moment after the last key, with the page set back to the first. */
export function SearchInput({ param = 'q', label = 'Filter', placeholder = label, className }: SearchInputProps) {
  const current = useSearchParams().get(param) ?? ''
  const setParams = useSetParams()
  const [text, setText] = useState(current)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // What was written last, and what before it is not in the address yet.
  const written = useRef([current])

  useEffect(() => () => clearTimeout(timer.current), [])

  // The address was changed by something else, say the back button: what was typed meanwhile is not wanted any more.
  useEffect(() => {
    const position = written.current.indexOf(current)
    written.current = position < 0 ? [current] : written.current.slice(position)
    if (position >= 0) return
    clearTimeout(timer.current)
    setText(current)
  }, [current])

  function onChange(value: string) {
    setText(value)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const wanted = value.trim()
      written.current.push(wanted)
      setParams({ [param]: wanted || null })
    }, PAUSE_MS)
  }

  return (
    <div className={cn('relative w-full max-w-64', className)}>
      <Search aria-hidden className="pointer-events-none absolute top-3 left-3 size-4" />
      <Input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        className="pl-10"
      />
    </div>
  )
}
