'use client'

import { useRouter } from 'next/navigation'
import { Button } from '@/components/ui/button'
import { FormError } from '@/components/ui/field'
import { useAction } from '@/components/ui/use-action'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { cancelBuildAction } from '@/lib/builds/actions'

/** Ends a build that waits or runs. */
export function CancelBuildButton({ path, buildId }: { path: AlgorithmPath; buildId: string }) {
  const router = useRouter()
  const { run, isPending, error } = useAction(cancelBuildAction)
  return (
    <div className="flex flex-wrap items-center gap-3">
      <FormError message={error} />
      <Button isPending={isPending} onClick={() => run({ ...path, buildId }, () => router.refresh())}>
        Cancel Build
      </Button>
    </div>
  )
}
