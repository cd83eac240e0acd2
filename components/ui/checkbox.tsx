import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './cn'

/** A native check box with its text and, below it, what it means. */
export function Checkbox({
  label,
  help,
  className,
  ...rest
}: ComponentProps<'input'> & { label: ReactNode; help?: ReactNode }) {
  const id = useId()
  return (
    <div className={cn('flex items-start gap-2.5', className)}>
      <input
        id={id}
        type="checkbox"
        className="mt-1 size-4 accent-primary"
        aria-describedby={help ? `${id}-help` : undefined}
        {...rest}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help && (
          <p id={`${id}-help`} className="text-ink-soft text-sm">
            {help}
          </p>
        )}
      </div>
    </div>
  )
}
