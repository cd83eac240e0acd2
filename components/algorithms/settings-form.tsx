'use client'

import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { ChoiceCards } from '@/components/ui/choice-cards'
import { FormError, SelectField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { updateAlgorithmAction } from '@/lib/algorithms/actions'
import type { AlgorithmPath, License, UpdateAlgorithm } from '@/lib/algorithms/schema'
import { LICENSE_LABELS, LICENSES } from '@/lib/algorithms/words'

type Settings = {
  sourceVisibility: 'open' | 'closed'
  license: License
  networkAccess: 'full' | 'isolated'
  pipelineEnabled: boolean
  environment: { displayName: string; exactVersion: string }
}

/** Who may read the source, and what the algorithm may reach. Holds for all of its versions at once. */
export function SettingsForm({ path, algorithm }: { path: AlgorithmPath; algorithm: Settings }) {
  const { run, isPending, error, fields } = useAction(updateAlgorithmAction)
  const [visibility, setVisibility] = useState<string>(algorithm.sourceVisibility)
  const isOpenSource = visibility === 'open'

  function submit({ pipelining, license, ...rest }: Record<string, string>) {
    const input = {
      ...path,
      ...rest,
      pipelineEnabled: pipelining === 'enabled',
      license: isOpenSource ? license : 'apl',
    } as UpdateAlgorithm
    run(input, () => toast.success('Settings saved'))
  }

  return (
    <Section
      title="Algorithm Settings"
      description="They hold for all versions, from the next call on. Name and environment can not be changed."
    >
      <form onSubmit={(event) => submit(formValues(event))} className="flex flex-col items-start gap-6">
        <p>
          <span className="font-semibold">Environment:</span> {algorithm.environment.displayName} (
          {algorithm.environment.exactVersion})
        </p>
        <ChoiceCards
          name="sourceVisibility"
          legend="Source Code"
          value={visibility}
          onChange={setVisibility}
          error={fields.sourceVisibility}
          choices={[
            { value: 'open', label: 'Open source' },
            { value: 'closed', label: 'Closed source' },
          ]}
        />
        <LicenseField key={visibility} isOpenSource={isOpenSource} license={algorithm.license} error={fields.license} />
        <AccessFields algorithm={algorithm} />
        <FormError message={error} />
        <Button type="submit" variant="primary" isPending={isPending}>
          Save Settings
        </Button>
      </form>
    </Section>
  )
}

function LicenseField({ isOpenSource, license, error }: { isOpenSource: boolean; license: License; error?: string }) {
  return (
    <SelectField
      name="license"
      label="License"
      error={error}
      help={isOpenSource ? undefined : 'Closed source has the Platform License.'}
      disabled={!isOpenSource}
      defaultValue={isOpenSource ? license : 'apl'}
      className="w-full sm:max-w-md"
    >
      {LICENSES.map((option) => (
        <option key={option} value={option}>
          {LICENSE_LABELS[option]}
        </option>
      ))}
    </SelectField>
  )
}

/** What the algorithm may reach while it runs. */
function AccessFields({ algorithm }: { algorithm: Settings }) {
  return (
    <>
      <ChoiceCards
        name="networkAccess"
        legend="Internet"
        defaultValue={algorithm.networkAccess}
        choices={[
          { value: 'full', label: 'Internet access' },
          { value: 'isolated', label: 'No access' },
        ]}
      />
      <ChoiceCards
        name="pipelining"
        legend="Pipelining"
        defaultValue={algorithm.pipelineEnabled ? 'enabled' : 'disabled'}
        choices={[
          { value: 'enabled', label: 'Enabled' },
          { value: 'disabled', label: 'Disabled' },
        ]}
      />
    </>
  )
}
