import type { ComponentProps } from 'react'
import { cn } from '@/components/ui/cn'

/** A button on the dark rail: only an icon, so `label` is its name. */
export function RailButton({ label, className, ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cn(
        'flex size-11 items-center justify-center rounded-sm hover:bg-rail-active focus-visible:outline-on-rail data-[state=open]:bg-rail-active [&_svg]:size-5.5',
        className,
      )}
      {...rest}
    />
  )
}
