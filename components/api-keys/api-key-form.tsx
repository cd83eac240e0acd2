'use client'

import { useState } from 'react'
import { Button, LinkButton } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { ChoiceCards } from '@/components/ui/choice-cards'
import { FormError, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { createApiKeyAction } from '@/lib/api-keys/actions'
import type { ApiKeyAccess } from '@/lib/api-keys/schema'
import { algorithmAccessLabels, dataAccessLabels } from '@/lib/api-keys/words'
import { NewApiKey } from './new-api-key'

const choicesOf = <Value extends string>(labels: Record<Value, string>) => {
  return (Object.keys(labels) as Value[]).map((value) => ({ value, label: labels[value] }))
}

export function ApiKeyForm() {
  const [key, setKey] = useState<string>()
  const [algorithmAccess, setAlgorithmAccess] = useState<ApiKeyAccess['algorithmAccess']>('full')
  const [dataAccess, setDataAccess] = useState<ApiKeyAccess['dataAccess']>('read_write')
  const { run, isPending, error, fields } = useAction(createApiKeyAction)

  if (key) return <NewApiKey apiKey={key} />
  return (
    <form
      onSubmit={(event) => {
        const { label = '', canManage } = formValues(event)
        const input = { label, algorithmAccess, dataAccess, canManage: canManage === 'on' }
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
            help="It may connect, change, pause, drain and delete event flows over the HTTP API. Algorithms themselves are managed in the console."
          />
        )}
      </div>
      <ChoiceCards
        name="dataAccess"
        legend="Select Data Access"
        choices={choicesOf(dataAccessLabels)}
        value={dataAccess}
        onChange={setDataAccess}
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
