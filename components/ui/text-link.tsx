import Link from 'next/link'
import type { ComponentProps } from 'react'
import { cn } from './cn'

/** A link in the colour of links. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return <Link className={cn('text-link underline-offset-2 hover:underline [p_&]:underline', className)} {...rest} />
}
