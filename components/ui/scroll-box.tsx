import type { ComponentProps } from 'react'
import { cn } from './cn'

/** A named box that scrolls by itself, by keyboard too. */
export function ScrollBox({ label, className, ...rest }: ComponentProps<'section'> & { label: string }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      className={cn('overflow-auto', className)}
      {...rest}
    />
  )
}
