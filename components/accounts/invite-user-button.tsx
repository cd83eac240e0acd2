'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import { FormError, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { inviteUserAction } from '@/lib/accounts/actions'

type Invited = { name: string; password: string }

export function InviteUserButton() {
  const router = useRouter()
  const [isOpen, setOpen] = useState(false)
  const [invited, setInvited] = useState<Invited>()

  function change(isNowOpen: boolean) {
    setOpen(isNowOpen)
    if (isNowOpen) setInvited(undefined)
    else router.refresh()
  }

  return (
    <>
      <Button variant="primary" onClick={() => change(true)}>
        New user
      </Button>
      <Dialog
        isOpen={isOpen}
        onOpenChange={change}
        title={invited ? `${invited.name} can sign in now` : 'New user'}
        description={
          invited
            ? 'Hand over this password; it is shown only now. It can be changed under Account.'
            : 'The password is generated and shown once.'
        }
      >
        {invited ? (
          <InvitedUser invited={invited} onDone={() => change(false)} />
        ) : (
          <InviteUserForm onInvited={setInvited} />
        )}
      </Dialog>
    </>
  )
}

function InviteUserForm({ onInvited }: { onInvited: (invited: Invited) => void }) {
  const { run, isPending, error, fields } = useAction(inviteUserAction)
  return (
    <form
      onSubmit={(event) => {
        const { name = '', email, isAdmin } = formValues(event)
        run({ name, email, isAdmin: isAdmin === 'on' }, onInvited)
      }}
      className="flex flex-col gap-5"
    >
      <FormError message={error} />
      <TextField
        name="name"
        label="User name"
        error={fields.name}
        help="Letters, digits and underscores; it stands in the path of everything the user owns and can not be changed."
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <TextField name="email" label="E-mail (optional)" type="email" error={fields.email} autoComplete="off" />
      <Checkbox name="isAdmin" label="Administrator" help="Sees every account's event flows and manages users." />
      <Button type="submit" variant="primary" isPending={isPending}>
        Create user
      </Button>
    </form>
  )
}

function InvitedUser({ invited, onDone }: { invited: Invited; onDone: () => void }) {
  return (
    <>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2">
        <dt className="text-ink-soft">User name</dt>
        <dd className="font-mono font-semibold">{invited.name}</dd>
        <dt className="text-ink-soft">Password</dt>
        <dd className="flex items-center gap-2 font-mono font-semibold">
          {invited.password}
          <CopyButton text={invited.password} label="Copy password" />
        </dd>
      </dl>
      <Button variant="primary" onClick={onDone}>
        Done
      </Button>
    </>
  )
}
