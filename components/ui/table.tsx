import type { ComponentProps } from 'react'
import { cn } from './cn'
import { ScrollBox } from './scroll-box'

/** A table that scrolls sideways in its own box when the window is narrow. `label` names it for screen readers. */
export function Table({ label, className, children, ...rest }: ComponentProps<'table'> & { label: string }) {
  return (
    <ScrollBox label={label}>
      <table aria-label={label} className={cn('w-full border-collapse text-left', className)} {...rest}>
        {children}
      </table>
    </ScrollBox>
  )
}

export function Th({ className, ...rest }: ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      className={cn(
        'whitespace-nowrap border-b px-3 py-2.5 font-medium text-ink-soft text-xs uppercase tracking-wider',
        className,
      )}
      {...rest}
    />
  )
}

export function Td({ className, ...rest }: ComponentProps<'td'>) {
  return <td className={cn('border-b px-3 py-3 align-middle', className)} {...rest} />
}

export function Tr({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr className={cn('hover:bg-side', className)} {...rest} />
}
