'use client'

import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { FormError, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { updateAlgorithmAction } from '@/lib/algorithms/actions'
import { type AlgorithmLimits, LIMIT_NAMES, LIMIT_RULES, type LimitMaxima } from '@/lib/algorithms/limits'
import type { AlgorithmPath } from '@/lib/algorithms/schema'

type LimitsFormProps = { path: AlgorithmPath; limits: AlgorithmLimits; maxima: LimitMaxima }

/** What one worker of the algorithm may use. An empty field means the default. */
export function LimitsForm({ path, limits, maxima }: LimitsFormProps) {
  const { run, isPending, error, fields } = useAction(updateAlgorithmAction)

  function submit(values: Record<string, string>) {
    const set = LIMIT_NAMES.filter((name) => values[name]?.trim())
    const chosen = Object.fromEntries(set.map((name) => [name, Number(values[name])])) as AlgorithmLimits
    run({ ...path, limits: chosen }, () => toast.success('Limits saved'))
  }

  return (
    <Section
      title="Limits"
      description="For each of its workers, from the next call on. Leave a field empty for the default."
    >
      <form noValidate onSubmit={(event) => submit(formValues(event))} className="flex flex-col items-start gap-6">
        <div className="grid w-full gap-x-8 gap-y-5 sm:grid-cols-2">
          {LIMIT_NAMES.map((name) => (
            <TextField
              key={name}
              name={name}
              type="number"
              inputMode="numeric"
              label={`${LIMIT_RULES[name].label} (${LIMIT_RULES[name].unit})`}
              help={`${LIMIT_RULES[name].help} At most ${maxima[name]}.`}
              placeholder={String(Math.min(LIMIT_RULES[name].default, maxima[name]))}
              defaultValue={limits[name] ?? ''}
              error={fields[`limits.${name}`]}
            />
          ))}
        </div>
        <FormError message={error} />
        <Button type="submit" variant="primary" isPending={isPending}>
          Save Limits
        </Button>
      </form>
    </Section>
  )
}
