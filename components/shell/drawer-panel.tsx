'use client'

import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { useReturnFocus } from '@/components/ui/return-focus'

/** The open drawer of `NavDrawer`. */
export function DrawerPanel({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const returnFocus = useReturnFocus()
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-overlay lg:hidden" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={returnFocus}
          className="fixed inset-y-0 left-0 z-50 w-72 max-w-[85vw] overflow-y-auto bg-side shadow-raised lg:hidden"
        >
          <Dialog.Title className="sr-only">Navigation</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
