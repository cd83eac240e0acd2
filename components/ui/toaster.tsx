'use client'

import { Toaster as Sonner } from 'sonner'

/** Where short notices appear, away from the bars of buttons and the titles at the top; call `toast.success('…')` from `sonner` in a client component. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      style={{ fontFamily: 'inherit' }}
      toastOptions={{
        // Its own grey is too dark on a dark panel.
        classNames: { description: 'text-ink-soft!' },
        style: { background: 'var(--panel)', color: 'var(--ink)', borderColor: 'var(--line-strong)' },
      }}
    />
  )
}
