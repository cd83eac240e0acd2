'use client'

import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { FormError, TextareaField, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { LIMIT_NAMES, LIMIT_RULES, type LimitMaxima } from '@/lib/algorithms/limits'
import { updateRuntimeSettingsAction } from '@/lib/settings/actions'
import type { RuntimeSettings } from '@/lib/settings/schema'

type Fields = Record<string, string>

/** What workers may use on this installation; one form, because its parts hold together. */
export function RuntimeSettingsForm({
  settings,
  usualBudgetMib,
}: {
  settings: RuntimeSettings
  usualBudgetMib: number
}) {
  const { run, isPending, error, fields } = useAction(updateRuntimeSettingsAction)

  function submit(values: Fields) {
    const maxima = Object.fromEntries(LIMIT_NAMES.map((name) => [name, numberOf(values[name])])) as LimitMaxima
    const input = {
      maxima,
      warmWorkersPerVersion: numberOf(values.warmWorkersPerVersion),
      maxWorkersPerVersion: numberOf(values.maxWorkersPerVersion),
      memoryBudgetMib: values.memoryBudgetMib?.trim() ? numberOf(values.memoryBudgetMib) : null,
      egressAllowList: (values.egressAllowList ?? '')
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    }
    run(input, () => toast.success('Settings saved'))
  }

  return (
    <form noValidate onSubmit={(event) => submit(formValues(event))} className="flex max-w-5xl flex-col gap-12">
      <WorkerFields settings={settings} usualBudgetMib={usualBudgetMib} errors={fields} />
      <EgressFields settings={settings} errors={fields} />
      <MaximumFields settings={settings} errors={fields} />
      <div className="flex flex-col items-start gap-4">
        <FormError message={error} />
        <Button type="submit" variant="primary" isPending={isPending}>
          Save Settings
        </Button>
      </div>
    </form>
  )
}

type PartProps = { settings: RuntimeSettings; errors: Fields }

function WorkerFields({ settings, usualBudgetMib, errors }: PartProps & { usualBudgetMib: number }) {
  return (
    <Section title="Workers" description="Warm processes that algorithms run in. Changes hold at once.">
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        <NumberField
          name="warmWorkersPerVersion"
          label="Warm workers of a version"
          help="Idle workers above this number end after 10 seconds; the others after 5 minutes without a call."
          defaultValue={settings.warmWorkersPerVersion}
          errors={errors}
        />
        <NumberField
          name="maxWorkersPerVersion"
          label="Workers of a version for one caller"
          help="Calls above this number wait."
          defaultValue={settings.maxWorkersPerVersion}
          errors={errors}
        />
        <NumberField
          name="memoryBudgetMib"
          label="Memory of all workers (MiB)"
          help={`As measured. Empty: half of what this server may use, ${usualBudgetMib} MiB. Above it idle workers end, the longest idle first.`}
          placeholder={String(usualBudgetMib)}
          defaultValue={settings.memoryBudgetMib ?? ''}
          errors={errors}
        />
      </div>
    </Section>
  )
}

function EgressFields({ settings, errors }: PartProps) {
  const error = Object.entries(errors).find(([name]) => name.startsWith('egressAllowList'))?.[1]
  return (
    <Section
      title="Private destinations"
      description="Algorithms with Internet access reach public addresses only. What you list here is open to them too."
    >
      <TextareaField
        name="egressAllowList"
        label="Allow-list, one a line"
        rows={6}
        spellCheck={false}
        help="A host (db.example.com, *.example.com), an address (10.1.2.3) or a network (10.0.0.0/8), with or without :PORT. A host may resolve to any address: list only names that you control."
        defaultValue={settings.egressAllowList.join('\n')}
        error={error}
        className="max-w-2xl"
      />
    </Section>
  )
}

function MaximumFields({ settings, errors }: PartProps) {
  return (
    <Section
      title="Maximum limits"
      description="What the owner of an algorithm may choose at most. One that asked for more before gets the maximum."
    >
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {LIMIT_NAMES.map((name) => (
          <NumberField
            key={name}
            name={name}
            label={`${LIMIT_RULES[name].label} (${LIMIT_RULES[name].unit})`}
            help={`${LIMIT_RULES[name].help} Without a setting of its own an algorithm has ${LIMIT_RULES[name].default}.`}
            defaultValue={settings.maxima[name]}
            errors={errors}
            errorName={`maxima.${name}`}
          />
        ))}
      </div>
    </Section>
  )
}

type NumberFieldProps = {
  name: string
  label: string
  help: string
  defaultValue: number | string
  placeholder?: string
  errors: Fields
  errorName?: string
}

function NumberField({ errors, errorName, name, ...rest }: NumberFieldProps) {
  return <TextField type="number" inputMode="numeric" name={name} error={errors[errorName ?? name]} {...rest} />
}

/** NaN, which the server refuses with a text, for an empty field. */
function numberOf(text: string | undefined): number {
  return text?.trim() ? Number(text) : Number.NaN
}
