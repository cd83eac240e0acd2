'use client'

import { useEffect, useRef } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { ScrollBox } from '@/components/ui/scroll-box'
import { Spinner } from '@/components/ui/spinner'
import { useAction } from '@/components/ui/use-action'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { cancelBuildAction } from '@/lib/builds/actions'
import { BUILD_STATUS_LABELS, isFinished } from '@/lib/builds/schema'
import type { WatchedBuild } from './use-build-progress'

type Props = { path: AlgorithmPath; build: WatchedBuild | null; isStarting: boolean }

/** The log of the build that was started here, as it is written. */
export function IdeBuildLog({ path, build, isStarting }: Props) {
  const end = useRef<HTMLDivElement>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line scrolls into view
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' })
  }, [build?.log, build?.status])

  if (!build || isStarting) {
    const text = isStarting ? 'Saving, then building…' : 'Nothing was built here yet. Press Build.'
    return <p className="p-3 font-mono text-[0.8125rem]">{text}</p>
  }
  return (
    <ScrollBox label="Build log" className="h-full p-3 font-mono text-[0.8125rem] focus-visible:outline-on-rail">
      <pre className="whitespace-pre-wrap break-words font-mono">{build.log}</pre>
      {build.error && !build.log.includes(build.error) && (
        <p className={cn('font-mono', build.status === 'failed' && 'text-[#ffb4a8]')}>{build.error}</p>
      )}
      <p role="status" className="flex items-center gap-2 py-1 font-bold">
        {!isFinished(build.status) && <Spinner />}
        Build of {build.commitSha.slice(0, 8)}: {BUILD_STATUS_LABELS[build.status]}
        {build.queuePosition !== null && `, number ${build.queuePosition} in the queue`}
      </p>
      {!isFinished(build.status) && <StopBuild path={path} buildId={build.id} />}
      <div ref={end} />
    </ScrollBox>
  )
}

/** Ends the build; what follows is told by its progress. */
function StopBuild({ path, buildId }: { path: AlgorithmPath; buildId: string }) {
  const { run, isPending, error } = useAction(cancelBuildAction)
  return (
    <div className="flex flex-col items-start gap-2 font-sans">
      <Button size="sm" isPending={isPending} onClick={() => run({ ...path, buildId }, () => {})}>
        Cancel Build
      </Button>
      {error && <p className="text-[#ffb4a8]">{error}</p>}
    </div>
  )
}
