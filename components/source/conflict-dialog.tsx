'use client'

import { ConfirmDialog } from '@/components/ui/confirm-dialog'

type Props = { isOpen: boolean; onClose: () => void; onDiscard: () => void }

/** Two tabs, or two people, saved on one commit: the second one decides. */
export function ConflictDialog({ isOpen, onClose, onDiscard }: Props) {
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onClose}
      title="The source was saved elsewhere"
      confirmLabel="Discard my changes"
      onConfirm={() => {
        onDiscard()
        window.location.reload()
      }}
    >
      Since you opened it, somebody (or another tab of yours) saved a newer version. Nothing of yours was saved. Cancel
      to keep your text on the screen and copy it, or discard your changes and load the newer version.
    </ConfirmDialog>
  )
}
