'use client'

import { Toaster as Sonner } from 'sonner'

/** Where short notices appear; call `toast.success('…')` from `sonner` in a client component. */
export function Toaster() {
  return (
    <Sonner
      position="top-center"
      style={{ fontFamily: 'inherit' }}
      toastOptions={{
        // Its own grey is too dark on a dark panel.
        classNames: { description: 'text-ink-soft!' },
        style: { background: 'var(--panel)', color: 'var(--ink)', borderColor: 'var(--line-strong)' },
      }}
    />
  )
}
