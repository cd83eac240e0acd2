'use client'

import { useState } from 'react'
import { Button, LinkButton } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { ChoiceCards } from '@/components/ui/choice-cards'
import { FormError, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { createApiKeyAction } from '@/lib/api-keys/actions'
import { ApiKeyAccess, algorithmAccessLabels, dataAccessLabels } from '@/lib/api-keys/schema'
import { NewApiKey } from './new-api-key'

const choicesOf = (labels: Record<string, string>) => Object.entries(labels).map(([value, label]) => ({ value, label }))

export function ApiKeyForm() {
  const [key, setKey] = useState<string>()
  const [algorithmAccess, setAlgorithmAccess] = useState('full')
  const { run, isPending, error, fields } = useAction(createApiKeyAction)

  if (key) return <NewApiKey apiKey={key} />
  return (
    <form
      onSubmit={(event) => {
        const values = formValues(event)
        const access = ApiKeyAccess.parse(values)
        const input = { ...access, label: values.label ?? '', canManage: values.canManage === 'on' }
        run(input, (created) => setKey(created.key))
      }}
      className="flex flex-col gap-8"
    >
      <FormError message={error} />
      <TextField name="label" label="Label your key" error={fields.label} autoComplete="off" />
      <div className="flex flex-col gap-4">
        <ChoiceCards
          name="algorithmAccess"
          legend="Select Algorithm Access"
          choices={choicesOf(algorithmAccessLabels)}
          value={algorithmAccess}
          onChange={setAlgorithmAccess}
        />
        {algorithmAccess === 'full' && (
          <Checkbox
            name="canManage"
            label="Allow this key to manage my algorithms"
            help="Besides calling them: create, build, publish and delete."
          />
        )}
      </div>
      <ChoiceCards
        name="dataAccess"
        legend="Select Data Access"
        choices={choicesOf(dataAccessLabels)}
        defaultValue="read_write"
      />
      <div className="flex flex-col items-center gap-4">
        <Button type="submit" variant="primary" size="lg" isPending={isPending}>
          Create API Key
        </Button>
        <LinkButton variant="ghost" href="/account/api-keys">
          Cancel
        </LinkButton>
      </div>
    </form>
  )
}
