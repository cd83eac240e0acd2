'use client'

import { EllipsisVertical } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { IconButton } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { Menu, MenuItem } from '@/components/ui/menu'
import { useAction } from '@/components/ui/use-action'
import { deleteUserAction, setAdministratorAction } from '@/lib/accounts/actions'

type UserActionsProps = { userId: string; name: string; isAdmin: boolean; isSelf: boolean }

export function UserActions({ userId, name, isAdmin, isSelf }: UserActionsProps) {
  const router = useRouter()
  const [asked, setAsked] = useState<'role' | 'delete'>()
  const role = useAction(setAdministratorAction)
  const deletion = useAction(deleteUserAction)

  function finish(message: string) {
    setAsked(undefined)
    toast.success(message)
    router.refresh()
  }

  function close() {
    setAsked(undefined)
    role.reset()
    deletion.reset()
  }

  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${name}`}>
            <EllipsisVertical aria-hidden className="size-5" />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setAsked('role')}>{isAdmin ? 'Remove administrator' : 'Make administrator'}</MenuItem>
        <MenuItem isDanger disabled={isSelf} onSelect={() => setAsked('delete')}>
          Delete user
        </MenuItem>
      </Menu>
      <ConfirmDialog
        isOpen={asked === 'role'}
        onOpenChange={close}
        title={isAdmin ? `Take administration from ${name}?` : `Make ${name} an administrator?`}
        confirmLabel={isAdmin ? 'Remove administrator' : 'Make administrator'}
        onConfirm={() => run()}
        isPending={role.isPending}
        error={role.error}
      >
        {isAdmin
          ? 'Admin pages are not there any more for this user, from the next click on.'
          : 'Administrators see every event flow of every account, and manage all users.'}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={asked === 'delete'}
        onOpenChange={close}
        title={`Delete the user ${name}?`}
        confirmLabel="Delete user"
        onConfirm={() => deletion.run({ userId }, () => finish(`User ${name} deleted.`))}
        isPending={deletion.isPending}
        error={deletion.error}
      >
        The account and its API keys go, too. This works only as long as it owns nothing.
      </ConfirmDialog>
    </>
  )

  function run() {
    const done = isAdmin ? `${name} is no administrator any more.` : `${name} is an administrator now.`
    role.run({ userId, isAdmin: !isAdmin }, () => finish(done))
  }
}
