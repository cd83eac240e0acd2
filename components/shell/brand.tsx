import Link from 'next/link'
import packageJson from '@/package.json'

/** The name in letters, and below it the version. */
export function Brand() {
  return (
    <div className="px-5 pt-5 pb-4">
      <Link href="/" className="flex items-center gap-2 font-bold text-lg uppercase tracking-[0.14em]">
        <Mark className="size-6" />
        Headrace
      </Link>
      <p className="mt-1 font-mono text-ink-soft text-xs">{packageJson.version}</p>
    </div>
  )
}

/** Two banks and the water that is led from one to the other: an H. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className={className}>
      <rect width="32" height="32" rx="7" fill="#08383b" />
      <path d="M7 6v20M25 6v20" stroke="#e8f4f3" strokeWidth="3.4" strokeLinecap="round" />
      <path d="M7 12c5 0 5 4 9 4s4 4 9 4" fill="none" stroke="#2dd4bf" strokeWidth="3.4" strokeLinecap="round" />
    </svg>
  )
}
