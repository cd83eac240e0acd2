import type { ReactNode } from 'react'
import { cn } from './cn'

/** Names with their values, side by side; a long name takes two fifths at most, and both wrap anywhere. */
export function FactList({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <dl className={cn('grid grid-cols-[fit-content(40%)_minmax(0,1fr)] gap-x-4 gap-y-1.5', className)}>{children}</dl>
  )
}

export function Fact({ name, className, children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <>
      <dt className="wrap-anywhere text-ink-soft">{name}</dt>
      <dd className={cn('wrap-anywhere min-w-0', className)}>{children}</dd>
    </>
  )
}
