'use client'

import { lazy, Suspense } from 'react'
import type { ConfirmDialogProps } from './confirm-dialog-parts'

// Fetched when the first one opens, as in dialog.tsx.
const ConfirmWindow = lazy(() => import('./confirm-dialog-parts').then((parts) => ({ default: parts.ConfirmWindow })))

/** Asks before something is destroyed. It stays open until the caller closes it, so that an error can show in it. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  if (!props.isOpen) return null
  return (
    <Suspense>
      <ConfirmWindow {...props} />
    </Suspense>
  )
}
