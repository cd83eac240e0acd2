'use client'

import { Button } from './button'
import { FormError } from './field'

type DialogFooterProps = { error?: string; submitLabel: string; isPending: boolean; onCancel: () => void }

/** The end of a dialog's form: what went wrong with all of it, Cancel, and the button that sends it. */
export function DialogFooter({ error, submitLabel, isPending, onCancel }: DialogFooterProps) {
  return (
    <>
      <FormError message={error} />
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={isPending}>
          {submitLabel}
        </Button>
      </div>
    </>
  )
}
