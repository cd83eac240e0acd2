'use client'

import { useSearchParams } from 'next/navigation'
import type { MessageFilterValues } from './use-messages'

/** What is looked for, and the message that is shown. */
export type BrowserView = MessageFilterValues & { message: string }

const FIELDS = ['text', 'reason', 'from', 'message'] as const satisfies (keyof BrowserView)[]

/** What a browser of messages shows, as it stands in the address, so that a link or the back button shows it again. */
export function useBrowserView(): [BrowserView, (changes: Partial<BrowserView>) => void] {
  const params = useSearchParams()
  const [text = '', reason = '', from = '', message = ''] = FIELDS.map((field) => params.get(field) ?? '')
  const view = { text, reason, from, message }
  return [
    view,
    (changes) => {
      const next = Object.entries({ ...view, ...changes }).filter(([, value]) => value !== '')
      // Nothing of it is the server's business: the page itself asks the broker.
      window.history.replaceState(null, '', `?${new URLSearchParams(next)}`)
    },
  ]
}
