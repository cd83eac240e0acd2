'use client'

import { useEffect, useRef } from 'react'
import { Button } from '@/components/ui/button'
import { TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import type { Place } from './message-browser'
import type { MessageFilterValues } from './use-messages'

type BrowserToolbarProps = {
  place: Place
  filter: MessageFilterValues
  isAsking: boolean
  onLook: (filter: MessageFilterValues) => void
}

/** Where to begin and what to look for. Nothing is asked of the broker before a person says so. */
export function BrowserToolbar({ place, filter, isAsking, onLook }: BrowserToolbarProps) {
  const form = useRef<HTMLFormElement>(null)
  const { text, reason, from } = filter

  // The address may change by other hands, say the back button.
  useEffect(() => {
    for (const [name, value] of Object.entries({ text, reason, from })) {
      const field = form.current?.elements.namedItem(name)
      if (field instanceof HTMLInputElement) field.value = value
    }
  }, [text, reason, from])

  return (
    <form
      ref={form}
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        const { text = '', reason = '', from = '' } = formValues(event)
        onLook({ text: text.trim(), reason: reason.trim(), from: from.trim() })
      }}
    >
      <TextField name="text" label="Text" isSmallLabel placeholder="id, body or property" className="w-56" />
      {place === 'dead_letter' && (
        <TextField name="reason" label="Reason" isSmallLabel placeholder="exactly" className="w-56" />
      )}
      <TextField
        name="from"
        label="From sequence number"
        isSmallLabel
        inputMode="numeric"
        placeholder="the first"
        className="w-44"
      />
      <Button type="submit" isPending={isAsking}>
        Look
      </Button>
    </form>
  )
}
