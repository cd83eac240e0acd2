'use client'

import { AlertDialog } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { Button } from './button'
import { FormError, TextField } from './field'
import { useReturnFocus } from './return-focus'

export type ConfirmDialogProps = {
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  title: string
  children: ReactNode
  confirmLabel: string
  onConfirm: () => void
  isPending?: boolean
  error?: string
  /** A word to type before the button works, for what can not be undone and takes much with it. */
  word?: string
}

/** What `ConfirmDialog` shows; see there. */
export function ConfirmWindow(props: ConfirmDialogProps) {
  const { isOpen, onOpenChange, title, children, confirmLabel, onConfirm, isPending, error, word } = props
  const [typed, setTyped] = useState('')
  const returnFocus = useReturnFocus()
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-overlay" />
        <AlertDialog.Content
          onCloseAutoFocus={returnFocus}
          className="fixed top-1/2 left-1/2 z-50 flex w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 flex-col gap-4 rounded-md border bg-panel p-6 shadow-raised"
        >
          <AlertDialog.Title className="font-bold text-xl">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="text-ink-soft">{children}</div>
          </AlertDialog.Description>
          {word && (
            <TextField
              name="word"
              label={`Type ${word} to confirm`}
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
          <FormError message={error} />
          <div className="flex flex-wrap justify-end gap-3">
            <AlertDialog.Cancel asChild>
              <Button>Cancel</Button>
            </AlertDialog.Cancel>
            <Button
              variant="dangerSolid"
              onClick={onConfirm}
              isPending={isPending}
              disabled={word !== undefined && typed !== word}
            >
              {confirmLabel}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
