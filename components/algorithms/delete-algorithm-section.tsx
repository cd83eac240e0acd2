'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { deleteAlgorithmAction } from '@/lib/algorithms/actions'
import type { AlgorithmPath } from '@/lib/algorithms/schema'

type Props = { path: AlgorithmPath; endpoint: string; hasPublicVersion: boolean }

/** The danger zone. */
export function DeleteAlgorithmSection({ path, endpoint, hasPublicVersion }: Props) {
  const router = useRouter()
  const [isOpen, setOpen] = useState(false)
  const { run, isPending, error, fields } = useAction(deleteAlgorithmAction)

  function remove() {
    run({ ...path, confirmation: endpoint }, () => {
      toast.success(`${endpoint} is deleted`)
      router.push('/algorithms')
    })
  }

  return (
    <Card className="border-danger p-6">
      <section className="flex flex-wrap items-center justify-between gap-4">
        <div className="flex max-w-2xl flex-col gap-1.5">
          <h2 className="font-bold text-xl">Delete Algorithm</h2>
          <p className="text-ink-soft">
            {hasPublicVersion
              ? 'An algorithm with a public version can not be deleted: others may call it.'
              : 'Deletes its source, builds, versions, secrets, event flows and executions. This can not be undone.'}
          </p>
        </div>
        <Button variant="danger" disabled={hasPublicVersion} onClick={() => setOpen(true)}>
          Delete Algorithm
        </Button>
      </section>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Delete ${endpoint}?`}
        confirmLabel="Delete Algorithm"
        word={endpoint}
        onConfirm={remove}
        isPending={isPending}
        error={error ?? fields.confirmation}
      >
        Everything of it is deleted: source, builds, versions, secrets, event flows and executions. Messages stay in
        their queues.
      </ConfirmDialog>
    </Card>
  )
}
