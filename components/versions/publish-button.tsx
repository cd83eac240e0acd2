'use client'

import { lazy, Suspense, useState } from 'react'
import { Button } from '@/components/ui/button'
import type { AlgorithmPath } from '@/lib/algorithms/schema'

// Fetched when it opens.
const PublishDialog = lazy(() => import('./publish-dialog').then((module) => ({ default: module.PublishDialog })))

type Props = { path: AlgorithmPath; buildId: string; isLink?: boolean }

/** Opens the publish dialog for a build. */
export function PublishButton({ path, buildId, isLink }: Props) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant={isLink ? 'link' : 'primary'} onClick={() => setOpen(true)}>
        Publish
      </Button>
      {isOpen && (
        <Suspense>
          <PublishDialog path={path} buildId={buildId} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
