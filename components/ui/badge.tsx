import type { ReactNode } from 'react'
import { cn } from './cn'

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger'

const badgeTones: Record<Tone, string> = {
  neutral: 'border-line-strong text-ink-soft',
  info: 'border-primary bg-primary-soft text-ink',
  success: 'border-success bg-success-soft text-success',
  warning: 'border-warning bg-warning-soft text-warning',
  danger: 'border-danger bg-danger-soft text-danger',
}

export function Badge({
  tone = 'neutral',
  className,
  children,
}: {
  tone?: Tone
  className?: string
  children: ReactNode
}) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 whitespace-nowrap rounded-sm border px-1.5 py-0.5 text-xs',
        badgeTones[tone],
        className,
      )}
    >
      {children}
    </span>
  )
}

const dotTones: Record<Tone, string> = {
  neutral: 'bg-line-strong',
  info: 'bg-primary',
  success: 'bg-success',
  warning: 'bg-warning',
  danger: 'bg-danger',
}

/** A coloured dot before a word: the word says it, the dot only helps the eye. */
export function StatusDot({
  tone = 'neutral',
  isBusy,
  children,
}: {
  tone?: Tone
  isBusy?: boolean
  children: ReactNode
}) {
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <span aria-hidden className={cn('size-2.5 shrink-0 rounded-full', dotTones[tone], isBusy && 'animate-pulse')} />
      {children}
    </span>
  )
}
