import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

/** A framed box. */
export function Card({ className, ...rest }: ComponentProps<'div'>) {
  return <div className={cn('rounded-sm border bg-panel', className)} {...rest} />
}

/** One concern of a settings screen: title, text and what to do, the actions at the title's right. */
export function Section({
  title,
  description,
  actions,
  className,
  children,
}: {
  title: ReactNode
  description?: ReactNode
  actions?: ReactNode
  className?: string
  children?: ReactNode
}) {
  return (
    <section className={cn('flex flex-col gap-4', className)}>
      <div className="flex flex-wrap items-start justify-between gap-4">
        <div className="flex max-w-2xl flex-col gap-1.5">
          <h2 className="font-bold text-xl">{title}</h2>
          {description && <div className="text-ink-soft">{description}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-3">{actions}</div>}
      </div>
      {children}
    </section>
  )
}
