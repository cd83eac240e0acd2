import { LoaderCircle } from 'lucide-react'
import { cn } from './cn'

/** A turning circle in the colour of the text around it; say beside it what is going on. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn('size-4 animate-spin', className)} />
}
