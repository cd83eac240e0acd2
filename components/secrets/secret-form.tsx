'use client'

import { useRouter } from 'next/navigation'
import { Button, LinkButton } from '@/components/ui/button'
import { FormError, SelectField, TextareaField, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { createSecretAction, updateSecretAction } from '@/lib/secrets/actions'
import type { CreateSecret, UpdateSecret } from '@/lib/secrets/schema'

type Secret = { id: string; displayName: string; description: string; environmentName: string }
type Props = { path: AlgorithmPath; secret?: Secret }

/** A new secret or, with one given, a change of it: its value is never shown. */
export function SecretForm({ path, secret }: Props) {
  const router = useRouter()
  const create = useAction(createSecretAction)
  const update = useAction(updateSecretAction)
  const { isPending, error, fields } = secret ? update : create
  const settings = `/algorithms/${path.owner}/${path.name}/settings`

  function submit(values: Record<string, string>) {
    const { provider: _, ...rest } = values
    const leave = () => {
      router.push(settings)
      router.refresh()
    }
    if (secret) update.run({ ...path, ...rest, secretId: secret.id } as UpdateSecret, leave)
    else create.run({ ...path, ...rest } as CreateSecret, leave)
  }

  return (
    <section className="max-w-4xl">
      <div className="mb-8 flex items-center justify-between gap-4">
        <h2 className="font-bold text-2xl">{secret ? `Update ${secret.displayName}` : 'New secret'}</h2>
        <LinkButton href={settings}>Cancel</LinkButton>
      </div>
      <form onSubmit={(event) => submit(formValues(event))} noValidate className="flex flex-col items-start gap-6">
        <SelectField name="provider" label="Secret provider" className="w-full sm:w-80">
          <option value="internal">headrace_internal_secret_provider</option>
        </SelectField>
        <TextField
          name="displayName"
          label="Display name"
          help="The name helps distinguish this secret from other secrets"
          defaultValue={secret?.displayName}
          error={fields.displayName}
          className="w-full"
        />
        <TextField
          name="description"
          label="Description"
          defaultValue={secret?.description}
          error={fields.description}
          className="w-full"
        />
        <EnvironmentNameField name={secret?.environmentName} error={fields.environmentName} />
        <TextareaField
          name="value"
          label="Value"
          autoComplete="off"
          spellCheck={false}
          help={secret && 'The present value is not shown. Leave this empty to keep it.'}
          error={fields.value}
          className="w-full"
        />
        <FormError message={error} />
        <Button type="submit" variant="primary" isPending={isPending}>
          {secret ? 'Update Secret' : 'Create Secret'}
        </Button>
      </form>
    </section>
  )
}

function EnvironmentNameField({ name, error }: { name?: string; error?: string }) {
  return (
    <TextField
      name="environmentName"
      label="Environment variable name"
      help="Environment variable names are case sensitive and cannot use special characters or spaces, underscores are allowed. The name cannot be changed once set."
      autoComplete="off"
      spellCheck={false}
      error={error}
      className="w-full"
      {...(name && { value: name, readOnly: true })}
    />
  )
}
