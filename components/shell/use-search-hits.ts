'use client'

import { useEffect, useState } from 'react'
import type { SearchHit } from '@/lib/search/schema'

const PAUSE_MS = 150
const UNREACHABLE = 'The search did not answer. Check that the server is running, then type again.'

type Found = { text: string; hits: SearchHit[]; hasFailed?: boolean }

/** What is found for `text`, asked a moment after the last key; the former hits stay until the new ones are here. */
export function useSearchHits(text: string): { hits: SearchHit[]; message: string } {
  const [found, setFound] = useState<Found>({ text: '', hits: [] })
  const wanted = text.trim()

  useEffect(() => {
    if (wanted === '') return
    const newer = new AbortController()
    const timer = setTimeout(async () => {
      const answer = await askFor(wanted, newer.signal)
      if (!newer.signal.aborted) setFound(answer)
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      newer.abort()
    }
  }, [wanted])

  if (wanted === '') return { hits: [], message: 'Type a part of a name.' }
  return { hits: found.hits, message: messageOf(found, wanted) }
}

async function askFor(text: string, signal: AbortSignal): Promise<Found> {
  try {
    const response = await fetch(`/api/search?q=${encodeURIComponent(text)}`, { signal })
    if (!response.ok) return { text, hits: [], hasFailed: true }
    const { hits } = (await response.json()) as { hits: SearchHit[] }
    return { text, hits }
  } catch {
    return { text, hits: [], hasFailed: true }
  }
}

function messageOf(found: Found, wanted: string): string {
  if (found.text !== wanted) return 'Searching…'
  if (found.hasFailed) return UNREACHABLE
  if (found.hits.length === 0) return `Nothing is named like ${wanted}.`
  return `${found.hits.length} found`
}
