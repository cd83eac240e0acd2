'use client'

import { signIn } from 'next-auth/react'
import { type FormEvent, useState } from 'react'
import { Button } from '@/components/ui/button'
import { FormError, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'

const UNREACHABLE = 'The server did not answer. Check that it is running, then try again.'

/** `destination` is a path of this console. */
export function SignInForm({ destination }: { destination: string }) {
  const [error, setError] = useState<string>()
  const [isPending, setPending] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    const { name, password } = formValues(event)
    setPending(true)
    setError(undefined)
    const answer = await signIn('credentials', { name, password, redirect: false }).catch(() => undefined)
    if (answer?.ok) {
      // A full load: nothing of what a former user saw may stay in the router's cache.
      window.location.assign(destination)
      return
    }
    setPending(false)
    setError(answer?.error ?? UNREACHABLE)
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <FormError message={error} />
      <TextField
        name="name"
        label="User name"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <TextField name="password" label="Password" type="password" autoComplete="current-password" required />
      <Button type="submit" variant="primary" size="lg" isPending={isPending}>
        Sign in
      </Button>
    </form>
  )
}
