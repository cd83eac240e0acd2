'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { removeSecretAction } from '@/lib/secrets/actions'

type Props = { path: AlgorithmPath; secretId: string; displayName: string }

export function RemoveSecretButton({ path, secretId, displayName }: Props) {
  const router = useRouter()
  const [isOpen, setOpen] = useState(false)
  const { run, isPending, error } = useAction(removeSecretAction)

  function remove() {
    run({ ...path, secretId }, () => {
      setOpen(false)
      router.refresh()
    })
  }

  return (
    <>
      <Button variant="danger" aria-label={`Remove ${displayName}`} onClick={() => setOpen(true)}>
        Remove
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Remove ${displayName}?`}
        confirmLabel="Remove"
        onConfirm={remove}
        isPending={isPending}
        error={error}
      >
        The value is deleted for good. Every version of the algorithm runs without it from its next call on.
      </ConfirmDialog>
    </>
  )
}
