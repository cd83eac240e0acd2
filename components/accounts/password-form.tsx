'use client'

import { Button } from '@/components/ui/button'
import { FormError, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { changePasswordAction } from '@/lib/accounts/actions'
import { MIN_PASSWORD_CHARACTERS } from '@/lib/accounts/limits'

/** A changed password ends this session, too: the next page asks for the new one. */
export function PasswordForm() {
  const { run, isPending, error, fields } = useAction(changePasswordAction)
  return (
    <form
      onSubmit={(event) => {
        const { currentPassword = '', newPassword = '', repeatedPassword = '' } = formValues(event)
        run({ currentPassword, newPassword, repeatedPassword }, () => window.location.assign('/sign-in'))
      }}
      className="flex flex-col gap-5"
    >
      <FormError message={error} />
      <TextField
        name="currentPassword"
        label="Current password"
        type="password"
        autoComplete="current-password"
        error={fields.currentPassword}
      />
      <TextField
        name="newPassword"
        label="New password"
        type="password"
        autoComplete="new-password"
        error={fields.newPassword}
        help={`At least ${MIN_PASSWORD_CHARACTERS} characters.`}
      />
      <TextField
        name="repeatedPassword"
        label="New password again"
        type="password"
        autoComplete="new-password"
        error={fields.repeatedPassword}
      />
      <Button type="submit" variant="primary" isPending={isPending} className="self-start">
        Change password
      </Button>
    </form>
  )
}
