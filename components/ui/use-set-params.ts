'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useRef, useTransition } from 'react'

type Changes = Record<string, string | null>

/** What was written last and is not in the address yet: the next change builds on it, whichever control makes it. */
let onItsWay: { path: string; query: string } | undefined

/** Writes search parameters into the URL (null removes one) and goes back to the first page. */
export function useSetParams(): (changes: Changes) => void {
  const router = useRouter()
  const path = usePathname()
  const params = useSearchParams()
  const [isPending, startTransition] = useTransition()
  // A change may be made by a timer that was started before the address was what it is now.
  const address = useRef({ path, query: params.toString() })

  useEffect(() => {
    address.current = { path, query: params.toString() }
  }, [path, params])

  useEffect(() => {
    if (!isPending) onItsWay = undefined
  }, [isPending])

  return (changes) => {
    const present = address.current
    const base = onItsWay?.path === present.path ? onItsWay.query : present.query
    const query = changed(base, changes)
    onItsWay = { path: present.path, query }
    startTransition(() => router.replace(`${present.path}?${query}`, { scroll: false }))
  }
}

function changed(query: string, changes: Changes): string {
  const next = new URLSearchParams(query)
  next.delete('page')
  next.delete('after')
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name)
    else next.set(name, value)
  }
  return next.toString()
}
