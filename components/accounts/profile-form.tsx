'use client'

import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { FormError, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { updateProfileAction } from '@/lib/accounts/actions'

export function ProfileForm({ displayName, email }: { displayName: string; email: string }) {
  const { run, isPending, error, fields } = useAction(updateProfileAction)
  return (
    <form
      onSubmit={(event) => {
        const values = formValues(event)
        run({ displayName: values.displayName ?? '', email: values.email }, () => toast.success('Profile saved.'))
      }}
      className="flex flex-col gap-5"
    >
      <FormError message={error} />
      <TextField
        name="displayName"
        label="Name"
        defaultValue={displayName}
        error={fields.displayName}
        autoComplete="name"
      />
      <TextField
        name="email"
        label="E-mail (optional)"
        type="email"
        defaultValue={email}
        error={fields.email}
        autoComplete="email"
      />
      <Button type="submit" variant="primary" isPending={isPending} className="self-start">
        Save profile
      </Button>
    </form>
  )
}
