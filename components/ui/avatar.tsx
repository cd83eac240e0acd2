import { cn } from './cn'

/** A person's head and shoulders, as a stand-in for a picture. */
export function Avatar({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 40 40" className={cn('size-10 rounded-full bg-side-active text-ink-soft', className)}>
      <circle cx="20" cy="14" r="8" fill="currentColor" />
      <path d="M3 38c1-10 8-14 17-14s16 4 17 14v2H3z" fill="currentColor" />
    </svg>
  )
}
