'use client'

import { useState } from 'react'
import { Button } from '@/components/ui/button'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { PublishDialog } from './publish-dialog'

type Props = { path: AlgorithmPath; buildId: string; isLink?: boolean }

/** Opens the publish dialog for a build. */
export function PublishButton({ path, buildId, isLink }: Props) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant={isLink ? 'link' : 'primary'} onClick={() => setOpen(true)}>
        Publish
      </Button>
      {isOpen && <PublishDialog path={path} buildId={buildId} onClose={() => setOpen(false)} />}
    </>
  )
}
