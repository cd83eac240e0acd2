'use client'

import { lazy, Suspense } from 'react'
import type { DialogProps } from './dialog-parts'

// Most visits open no dialog: the code behind it is fetched when the first one opens.
const DialogWindow = lazy(() => import('./dialog-parts').then((parts) => ({ default: parts.DialogWindow })))
const ModalWindow = lazy(() => import('./dialog-parts').then((parts) => ({ default: parts.ModalWindow })))

/** A window over the page; Escape and a click beside it close it, and focus goes back to where it was. */
export function Dialog(props: DialogProps) {
  if (!props.isOpen) return null
  return (
    <Suspense>
      <DialogWindow {...props} />
    </Suspense>
  )
}

/** A dialog that takes the whole window: for the long forms (title, column of fields, one wide button). */
export function Modal(props: DialogProps) {
  if (!props.isOpen) return null
  return (
    <Suspense>
      <ModalWindow {...props} />
    </Suspense>
  )
}
