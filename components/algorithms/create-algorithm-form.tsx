'use client'

import { Link2, Link2Off, LockKeyhole, LockKeyholeOpen, Wifi, WifiOff } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { ChoiceCards } from '@/components/ui/choice-cards'
import { FormError, SelectField, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { createAlgorithmAction } from '@/lib/algorithms/actions'
import type { CreateAlgorithm } from '@/lib/algorithms/schema'
import { LANGUAGE_LABELS, LICENSE_LABELS, LICENSES } from '@/lib/algorithms/words'
import type { FieldErrors } from '@/lib/errors'
import { CreatedDialog } from './created-dialog'

type Environment = {
  name: string
  displayName: string
  language: keyof typeof LANGUAGE_LABELS
  exactVersion: string
  isDefault: boolean
}
type Props = { owners: string[]; ownName: string; environments: Environment[] }

export function CreateAlgorithmForm({ owners, ownName, environments }: Props) {
  const { run, isPending, error, fields } = useAction(createAlgorithmAction)
  const [created, setCreated] = useState<{ owner: string; name: string }>()
  const [isOpenSource, setOpenSource] = useState(false)

  function submit(values: Record<string, string>) {
    const { pipelining, language: _, ...rest } = values
    const input = { ...rest, pipelineEnabled: pipelining === 'enabled' } as CreateAlgorithm
    run(isOpenSource ? input : { ...input, license: 'apl' }, setCreated)
  }

  return (
    <form onSubmit={(event) => submit(formValues(event))} noValidate className="flex flex-col gap-8">
      <NameFields owners={owners} ownName={ownName} errors={fields} />
      <ChoiceCards
        name="sourceVisibility"
        legend="Source Code"
        value={isOpenSource ? 'open' : 'closed'}
        onChange={(value) => setOpenSource(value === 'open')}
        choices={[
          { value: 'closed', label: 'Restricted', description: 'Only owners read the source.', icon: <LockKeyhole /> },
          { value: 'open', label: 'Unrestricted', description: 'Everyone may read it.', icon: <LockKeyholeOpen /> },
        ]}
      />
      <LicenseField isOpenSource={isOpenSource} error={fields.license} />
      <EnvironmentFields environments={environments} error={fields.environment} />
      <AccessFields />
      <FormError message={error} />
      <div>
        <Button type="submit" variant="primary" isPending={isPending} disabled={environments.length === 0}>
          Create New Algorithm
        </Button>
      </div>
      {created && <CreatedDialog {...created} />}
    </form>
  )
}

function NameFields({ owners, ownName, errors }: { owners: string[]; ownName: string; errors: FieldErrors }) {
  return (
    <div className="flex flex-col gap-4 sm:flex-row sm:items-start">
      <SelectField name="owner" label="Owner" defaultValue={ownName} error={errors.owner} className="sm:w-64">
        {owners.map((owner) => (
          <option key={owner} value={owner}>
            {owner === ownName ? `${owner} (me)` : owner}
          </option>
        ))}
      </SelectField>
      <span aria-hidden className="hidden pt-8 font-bold text-xl sm:block">
        /
      </span>
      <TextField
        name="name"
        label="Algorithm Name"
        autoComplete="off"
        required
        maxLength={30}
        error={errors.name}
        help="Letters, digits and underscores, starting with a letter. The name can not be changed later."
        className="min-w-0 flex-1"
      />
    </div>
  )
}

/** What the algorithm may reach while it runs. */
function AccessFields() {
  return (
    <>
      <ChoiceCards
        name="networkAccess"
        legend="Internet"
        defaultValue="full"
        choices={[
          { value: 'full', label: 'Internet access', description: 'Connect to external services.', icon: <Wifi /> },
          { value: 'isolated', label: 'No access', description: 'No access outside the platform.', icon: <WifiOff /> },
        ]}
      />
      <ChoiceCards
        name="pipelining"
        legend="Pipelining"
        defaultValue="enabled"
        choices={[
          { value: 'enabled', label: 'Enabled', description: 'Can call other algorithms.', icon: <Link2 /> },
          { value: 'disabled', label: 'Disabled', description: 'Cannot call other algorithms.', icon: <Link2Off /> },
        ]}
      />
    </>
  )
}

function LicenseField({ isOpenSource, error }: { isOpenSource: boolean; error?: string }) {
  return (
    <SelectField
      name="license"
      label="License"
      error={error}
      help={isOpenSource ? undefined : 'Restricted source code has the Platform License.'}
      {...(isOpenSource ? {} : { value: 'apl', disabled: true })}
      key={String(isOpenSource)}
      className="sm:max-w-md"
    >
      {LICENSES.map((license) => (
        <option key={license} value={license}>
          {LICENSE_LABELS[license]}
        </option>
      ))}
    </SelectField>
  )
}

function EnvironmentFields({ environments, error }: { environments: Environment[]; error?: string }) {
  const languages = [...new Set(environments.map((environment) => environment.language))]
  const preferred = environments.find((environment) => environment.isDefault) ?? environments[0]
  const [language, setLanguage] = useState(preferred?.language ?? 'python')
  if (environments.length === 0) {
    return <FormError message="No language runtime was found on this machine. Install Python 3 and start again." />
  }
  return (
    <>
      <ChoiceCards
        name="language"
        legend="Language"
        value={language}
        onChange={(value) => setLanguage(value as Environment['language'])}
        choices={languages.map((value) => ({ value, label: LANGUAGE_LABELS[value] }))}
      />
      <SelectField name="environment" label="Environment" key={language} error={error} className="sm:max-w-md">
        {environments
          .filter((environment) => environment.language === language)
          .map((environment) => (
            <option key={environment.name} value={environment.name}>
              {environment.displayName} ({environment.exactVersion})
            </option>
          ))}
      </SelectField>
    </>
  )
}
