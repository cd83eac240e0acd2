'use client'

import { ArrowRight, ChevronDown, ChevronUp, Settings } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useState } from 'react'
import { cn } from '@/components/ui/cn'
import { adminGroups, isCurrentItem, mainItems } from './navigation'

const rowClass = 'flex w-full items-center gap-4 px-5 py-3.5 font-semibold'
const quiet = 'text-ink-soft hover:bg-side-active hover:text-ink'
const current = 'bg-side-active text-ink'

export function SideNav({ isAdmin }: { isAdmin: boolean }) {
  const path = usePathname()
  return (
    <ul>
      {mainItems.map(({ href, label, icon: Icon, isAway }) => {
        const isCurrent = isCurrentItem(href, path)
        return (
          <li key={href}>
            <Link
              href={href}
              aria-current={isCurrent ? 'page' : undefined}
              className={cn(rowClass, isCurrent ? current : quiet)}
            >
              <Icon aria-hidden className="size-5 shrink-0" />
              {label}
              {isAway && <ArrowRight aria-hidden className="ml-auto size-4" />}
            </Link>
          </li>
        )
      })}
      {isAdmin && (
        <li>
          <AdminGroup path={path} />
        </li>
      )}
    </ul>
  )
}

function AdminGroup({ path }: { path: string }) {
  const isInside = path === '/admin' || path.startsWith('/admin/')
  const [isOpen, setOpen] = useState(isInside)
  const Chevron = isOpen ? ChevronUp : ChevronDown
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className={cn(rowClass, isInside ? current : quiet)}
      >
        <Settings aria-hidden className="size-5 shrink-0" />
        Admin
        <Chevron aria-hidden className="ml-auto size-4" />
      </button>
      {isOpen &&
        adminGroups.map((group) => (
          <div key={group.title} className="pt-4">
            <p className="px-5 pb-2 text-xs uppercase tracking-wider">{group.title}</p>
            <ul>
              {group.items.map(({ href, label }) => {
                const isCurrent = isCurrentItem(href, path)
                return (
                  <li key={href}>
                    <Link
                      href={href}
                      aria-current={isCurrent ? 'page' : undefined}
                      className={cn('block px-5 py-2', isCurrent ? current : quiet)}
                    >
                      {label}
                    </Link>
                  </li>
                )
              })}
            </ul>
          </div>
        ))}
    </>
  )
}
