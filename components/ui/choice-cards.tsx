import { type ReactNode, useId } from 'react'
import { cn } from './cn'

export type Choice<Value extends string = string> = {
  value: Value
  label: string
  description?: string
  icon?: ReactNode
  isDisabled?: boolean
}

type ChoiceCardsProps<Value extends string> = {
  name: string
  legend: string
  choices: Choice<Value>[]
  defaultValue?: Value
  value?: Value
  onChange?: (value: Value) => void
  help?: ReactNode
  error?: string
  isSmallLegend?: boolean
}

/** One of a few, each as a card (with a description) or a box (without): native radio buttons underneath. */
export function ChoiceCards<Value extends string>(props: ChoiceCardsProps<Value>) {
  const { name, legend, choices, defaultValue, value, onChange, help, error, isSmallLegend } = props
  const id = useId()
  return (
    <fieldset className="flex flex-col gap-1.5" aria-describedby={help || error ? `${id}-help` : undefined}>
      <legend className={cn('mb-1.5', isSmallLegend ? 'text-xs uppercase tracking-wider' : 'font-semibold')}>
        {legend}
      </legend>
      <div className="flex flex-wrap gap-4">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={cn(
              'relative flex cursor-pointer items-start gap-3 rounded-sm border border-line-strong bg-panel px-4 py-2.5 hover:bg-side',
              'has-checked:border-primary has-checked:bg-primary-soft has-focus-visible:outline-2 has-focus-visible:outline-primary has-focus-visible:outline-offset-2',
              'has-disabled:cursor-not-allowed has-disabled:opacity-60',
              choice.description && 'min-w-60 flex-1 sm:max-w-80',
            )}
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              disabled={choice.isDisabled}
              className="absolute inset-0 cursor-pointer opacity-0"
              {...(onChange
                ? { checked: value === choice.value, onChange: () => onChange(choice.value) }
                : { defaultChecked: defaultValue === choice.value })}
            />
            {choice.icon && <span className="mt-0.5 text-ink-soft [&_svg]:size-5">{choice.icon}</span>}
            <span className="flex flex-col">
              <span className="font-semibold">{choice.label}</span>
              {choice.description && <span className="text-sm">{choice.description}</span>}
            </span>
          </label>
        ))}
      </div>
      {(help || error) && (
        <p id={`${id}-help`} className={cn('text-sm', error ? 'text-danger' : 'text-ink-soft')}>
          {error ?? help}
        </p>
      )}
    </fieldset>
  )
}
