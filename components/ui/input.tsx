import type { ComponentProps } from 'react'
import { cn } from './cn'

export const controlClass =
  'w-full rounded-sm border border-line-strong bg-field text-ink shadow-inner shadow-black/3 transition-colors aria-invalid:border-danger disabled:opacity-60'

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cn(controlClass, 'h-10 px-3', className)} {...rest} />
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={cn(controlClass, 'min-h-28 px-3 py-2', className)} {...rest} />
}

/** A native select: it is the one that works with every keyboard, screen reader and phone. */
export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select className={cn(controlClass, 'h-10 px-2.5', className)} {...rest} />
}
