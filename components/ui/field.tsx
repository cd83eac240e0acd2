import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './cn'
import { Input, Select, Textarea } from './input'

/** What a control needs to belong to its label, help and error: spread it on the control. */
export type ControlProps = {
  id: string
  name: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

type FieldProps = {
  name: string
  label: ReactNode
  help?: ReactNode
  /** A sentence that says what is wrong and what to do; shown in place of nothing else. */
  error?: string
  /** Small upper case, as in the full-page modals. */
  isSmallLabel?: boolean
  className?: string
}

/** A label, a control, its help and its error, tied together for screen readers. */
export function Field({
  name,
  label,
  help,
  error,
  isSmallLabel,
  className,
  children,
}: FieldProps & { children: (control: ControlProps) => ReactNode }) {
  const id = useId()
  const described = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(' ')
  return (
    <div className={cn('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className={isSmallLabel ? 'text-xs uppercase tracking-wider' : 'font-semibold'}>
        {label}
      </label>
      {children({ id, name, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error && (
        <p id={`${id}-error`} className="text-danger text-sm">
          {error}
        </p>
      )}
      {help && (
        <div id={`${id}-help`} className="text-ink-soft text-sm">
          {help}
        </div>
      )}
    </div>
  )
}

type Rest<Tag extends 'input' | 'select' | 'textarea'> = Omit<ComponentProps<Tag>, keyof FieldProps | 'id'>

export function TextField({ name, label, help, error, isSmallLabel, className, ...rest }: FieldProps & Rest<'input'>) {
  return (
    <Field {...{ name, label, help, error, isSmallLabel, className }}>
      {(control) => <Input {...control} {...rest} />}
    </Field>
  )
}

export function TextareaField({
  name,
  label,
  help,
  error,
  isSmallLabel,
  className,
  ...rest
}: FieldProps & Rest<'textarea'>) {
  return (
    <Field {...{ name, label, help, error, isSmallLabel, className }}>
      {(control) => <Textarea {...control} {...rest} />}
    </Field>
  )
}

/** `children` are the `<option>`s. */
export function SelectField({
  name,
  label,
  help,
  error,
  isSmallLabel,
  className,
  ...rest
}: FieldProps & Rest<'select'>) {
  return (
    <Field {...{ name, label, help, error, isSmallLabel, className }}>
      {(control) => <Select {...control} {...rest} />}
    </Field>
  )
}

/** What went wrong with a whole form, read out when it appears. Renders nothing without a message. */
export function FormError({ message }: { message?: string }) {
  if (!message) return null
  return (
    <p role="alert" className="rounded-sm border border-danger bg-danger-soft px-3 py-2 text-danger">
      {message}
    </p>
  )
}
