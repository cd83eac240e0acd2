'use client'

import { useRouter } from 'next/navigation'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { FormError, SelectField, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { createCollectionAction } from '@/lib/data/actions'
import { collectionHref } from '@/lib/data/links'
import { MAX_COLLECTION_NAME_LENGTH } from '@/lib/data/uri'

export type OwnerChoice = { name: string; displayName: string; isMine: boolean }

type NewCollectionDialogProps = {
  owners: OwnerChoice[]
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
}

/** Makes a collection and goes to its page. */
export function NewCollectionDialog({ owners, isOpen, onOpenChange }: NewCollectionDialogProps) {
  const router = useRouter()
  const { run, isPending, error, fields, reset } = useAction(createCollectionAction)

  function change(isNowOpen: boolean) {
    reset()
    onOpenChange(isNowOpen)
  }

  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={change}
      title="New Collection"
      description="Collections work just like folders and are a good way to keep your files organized."
    >
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          const { owner = '', name = '' } = formValues(event)
          run({ owner, name }, (made) => router.push(collectionHref(made.ownerName, made.name)))
        }}
      >
        <SelectField name="owner" label="Owner" isSmallLabel error={fields.owner} className="max-w-80">
          {owners.map(({ name, displayName, isMine }) => (
            <option key={name} value={name}>
              {isMine ? `${displayName} (me)` : displayName}
            </option>
          ))}
        </SelectField>
        <TextField
          name="name"
          label="Collection name"
          isSmallLabel
          error={fields.name}
          help={`Letters, digits and _, at most ${MAX_COLLECTION_NAME_LENGTH}, beginning with a letter.`}
          maxLength={MAX_COLLECTION_NAME_LENGTH}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          required
        />
        <FormError message={error} />
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={() => change(false)}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={isPending}>
            Create Collection
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
