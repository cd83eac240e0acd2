import type { ComponentProps } from 'react'
import { cn } from './cn'

/** A named box that scrolls by itself, by keyboard too. */
export function ScrollBox({ label, className, ...rest }: ComponentProps<'section'> & { label: string }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      // Positioned, so that what is hidden in it for screen readers only does not widen the page.
      className={cn('relative overflow-auto', className)}
      {...rest}
    />
  )
}
