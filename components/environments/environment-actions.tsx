'use client'

import { EllipsisVertical } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button, IconButton } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { FormError, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { Menu, MenuItem } from '@/components/ui/menu'
import { useAction } from '@/components/ui/use-action'
import { moveEnvironmentAction, setDefaultEnvironmentAction, updateEnvironmentAction } from '@/lib/environments/actions'
import type { ManagedEnvironment } from '@/lib/environments/queries'

type Props = {
  environment: Pick<ManagedEnvironment, 'id' | 'displayName' | 'isDefault' | 'isAvailable' | 'isEnabled'>
  isFirst: boolean
  isLast: boolean
}

/** What an administrator does with one environment. */
export function EnvironmentActions({ environment, isFirst, isLast }: Props) {
  const { id: environmentId, displayName, isDefault, isAvailable, isEnabled } = environment
  const router = useRouter()
  const [isNaming, setNaming] = useState(false)
  const update = useAction(updateEnvironmentAction)
  const choose = useAction(setDefaultEnvironmentAction)
  const move = useAction(moveEnvironmentAction)

  function done(message: string) {
    return () => {
      toast.success(message)
      router.refresh()
    }
  }

  function offer() {
    const message = isEnabled ? `${displayName} is not offered any more` : `${displayName} is offered`
    update.run({ environmentId, isEnabled: !isEnabled }, done(message))
  }

  const shift = (direction: 'up' | 'down') => move.run({ environmentId, direction }, done(`${displayName} moved`))
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${displayName}`}>
            <EllipsisVertical aria-hidden className="size-5" />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setNaming(true)}>Rename</MenuItem>
        <MenuItem
          disabled={isDefault || !isAvailable}
          onSelect={() => choose.run({ environmentId }, done(`${displayName} is the default`))}
        >
          Make default
        </MenuItem>
        <MenuItem disabled={isDefault} onSelect={offer}>
          {isEnabled ? 'Do not offer' : 'Offer'}
        </MenuItem>
        <MenuItem disabled={isDefault || isFirst} onSelect={() => shift('up')}>
          Move up
        </MenuItem>
        <MenuItem disabled={isDefault || isLast} onSelect={() => shift('down')}>
          Move down
        </MenuItem>
      </Menu>
      <FormError message={update.error ?? choose.error ?? move.error} />
      {isNaming && (
        <RenameDialog
          environmentId={environmentId}
          displayName={displayName}
          onClose={() => setNaming(false)}
          onDone={done('Environment renamed')}
        />
      )}
    </>
  )
}

type RenameProps = { environmentId: string; displayName: string; onClose: () => void; onDone: () => void }

function RenameDialog({ environmentId, displayName, onClose, onDone }: RenameProps) {
  const { run, isPending, error, fields } = useAction(updateEnvironmentAction)

  function rename(values: Record<string, string>) {
    run({ environmentId, displayName: values.displayName ?? '' }, () => {
      onClose()
      onDone()
    })
  }

  return (
    <Dialog isOpen onOpenChange={onClose} title={`Rename ${displayName}`}>
      <form noValidate onSubmit={(event) => rename(formValues(event))} className="flex flex-col gap-5">
        <FormError message={error} />
        <TextField name="displayName" label="Name" defaultValue={displayName} error={fields.displayName} required />
        <Button type="submit" variant="primary" isPending={isPending}>
          Rename
        </Button>
      </form>
    </Dialog>
  )
}
