'use client'

import { useEffect, useRef, useState } from 'react'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import type { BuildProgress } from '@/lib/builds/queries'
import { isFinished } from '@/lib/builds/schema'

export type WatchedBuild = Omit<BuildProgress, 'text' | 'nextFrom'> & { id: string; log: string }

/** Follows a build live, line by line, to its end; `onFinish` is told once. Null when there is none to follow. */
export function useBuildProgress(
  path: AlgorithmPath,
  buildId: string | null,
  onFinish: (build: WatchedBuild) => void,
): WatchedBuild | null {
  const [build, setBuild] = useState<WatchedBuild | null>(null)
  const latestOnFinish = useRef(onFinish)
  latestOnFinish.current = onFinish
  const { owner, name } = path

  useEffect(() => {
    if (!buildId) return
    return watchBuild(`/algorithms/${owner}/${name}/builds/${buildId}/progress`, buildId, (next) => {
      setBuild(next)
      if (isFinished(next.status)) latestOnFinish.current(next)
    })
  }, [owner, name, buildId])

  return build?.id === buildId ? build : null
}

/** Asks at each change, one question at a time, until the build is finished; returns how to stop. */
function watchBuild(url: string, buildId: string, onChange: (build: WatchedBuild) => void): () => void {
  const stopped = new AbortController()
  const source = new EventSource(`/api/live?topics=build:${buildId}`)
  let log = ''
  let from = 0
  let isAsking = false
  let isAskedAgain = false

  async function ask(): Promise<void> {
    const response = await fetch(`${url}?from=${from}`, { signal: stopped.signal })
    if (!response.ok) return
    const { text, nextFrom, ...rest }: BuildProgress = await response.json()
    log += text
    from = nextFrom
    onChange({ ...rest, id: buildId, log })
    if (isFinished(rest.status)) source.close()
  }

  async function askSoon(): Promise<void> {
    isAskedAgain = true
    if (isAsking) return
    isAsking = true
    while (isAskedAgain && source.readyState !== EventSource.CLOSED) {
      isAskedAgain = false
      // A failed question is asked again at the next change or when the connection is back.
      await ask().catch(() => {})
    }
    isAsking = false
  }

  source.addEventListener('change', askSoon)
  source.addEventListener('open', askSoon)
  void askSoon()
  return () => {
    stopped.abort()
    source.close()
  }
}
