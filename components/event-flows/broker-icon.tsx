import { cn } from '@/components/ui/cn'

/** Messages in a row that run into a gate: our own sign for a broker's queue. */
export function BrokerIcon({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 24 24" fill="none" className={cn('size-6 text-primary', className)}>
      <rect x="2.5" y="9" width="4" height="6" rx="1" fill="currentColor" opacity="0.45" />
      <rect x="8.5" y="9" width="4" height="6" rx="1" fill="currentColor" opacity="0.75" />
      <path d="M14.5 12h4" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path d="m16.5 9 3 3-3 3" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M2.5 5.5h19M2.5 18.5h19" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  )
}

/** The same in a circle, at the start of a row. */
export function RoundBrokerIcon() {
  return (
    <span className="flex size-12 shrink-0 items-center justify-center rounded-full border bg-panel">
      <BrokerIcon />
    </span>
  )
}
