'use client'

import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { updateAlgorithmAction } from '@/lib/algorithms/actions'
import type { AlgorithmPath } from '@/lib/algorithms/schema'

type Props = {
  path: AlgorithmPath
  field: 'label' | 'tagline'
  /** What the text is, for its field and its button. */
  label: string
  text: string
  placeholder?: string
  canEdit: boolean
  isHeading?: boolean
}

/** One line of text with Edit beside it, which turns it into a field. */
export function EditableLine({ path, field, label, text, placeholder, canEdit, isHeading }: Props) {
  const [isEditing, setEditing] = useState(false)
  const { run, isPending, error, fields, reset } = useAction(updateAlgorithmAction)

  if (isEditing) {
    return (
      <form
        onSubmit={(event) => run({ ...path, [field]: formValues(event)[field] }, () => setEditing(false))}
        className="flex max-w-2xl flex-wrap items-end gap-3"
      >
        <TextField
          name={field}
          label={label}
          defaultValue={text}
          autoFocus
          error={fields[field] ?? error}
          className="min-w-64 flex-1"
        />
        <Button type="submit" variant="primary" isPending={isPending}>
          Save
        </Button>
        <Button
          onClick={() => {
            reset()
            setEditing(false)
          }}
        >
          Cancel
        </Button>
      </form>
    )
  }
  const Tag = isHeading ? 'h2' : 'p'
  if (!text && !canEdit) return null
  return (
    <div className="flex flex-wrap items-baseline gap-x-4">
      <Tag className={cn('min-w-0 break-words', isHeading ? 'font-bold text-3xl tracking-tight' : 'text-base')}>
        {text || placeholder}
      </Tag>
      {canEdit && (
        <Button variant="link" aria-label={`Edit ${label.toLowerCase()}`} onClick={() => setEditing(true)}>
          Edit
        </Button>
      )}
    </div>
  )
}
