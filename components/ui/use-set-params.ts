'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useTransition } from 'react'

/** Writes search parameters into the URL (null removes one) and goes back to the first page. */
export function useSetParams(): (changes: Record<string, string | null>) => void {
  const router = useRouter()
  const path = usePathname()
  const params = useSearchParams()
  const [, startTransition] = useTransition()
  return (changes) => {
    const next = new URLSearchParams(params)
    next.delete('page')
    next.delete('after')
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) next.delete(name)
      else next.set(name, value)
    }
    startTransition(() => router.replace(`${path}?${next}`, { scroll: false }))
  }
}
