'use client'

import { ArrowRight } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from './cn'

export type TabItem = {
  href: string
  label: string
  /** Current only at exactly this path; without it also below it. */
  isExact?: boolean
  /** Leads away from the tabs: drawn with an arrow. */
  isAway?: boolean
}

/** Tabs that are links: the path says which one is current. */
export function LinkTabs({ items, label }: { items: TabItem[]; label: string }) {
  const path = usePathname()
  return (
    <nav aria-label={label} className="border-b">
      <ul className="-mb-px flex flex-wrap">
        {items.map((item) => {
          const isCurrent = item.isExact ? path === item.href : path === item.href || path.startsWith(`${item.href}/`)
          return (
            <li key={item.href}>
              <Link
                href={item.href}
                aria-current={isCurrent ? 'page' : undefined}
                className={cn(
                  'flex items-center gap-1.5 border-b-2 px-2 py-2.5 sm:px-5 font-semibold tracking-wide',
                  isCurrent ? 'border-ink text-ink' : 'border-transparent text-ink-soft hover:text-ink',
                )}
              >
                {item.label}
                {item.isAway && <ArrowRight aria-hidden className="size-4" />}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
