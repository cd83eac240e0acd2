import { ChevronLeft, ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { cn } from './cn'

export type SearchParams = Record<string, string | string[] | undefined>

type PagerProps = {
  /** Counted from 1. */
  page: number
  pageSize: number
  total: number
  /** The page's own search parameters, kept in the links. */
  searchParams?: SearchParams
  /** The parameter that holds the page. */
  param?: string
}

/** `1-25 of 120` and, when there is more than one page, links to the ones before and after. */
export function Pager({ page, pageSize, total, searchParams = {}, param = 'page' }: PagerProps) {
  const first = total === 0 ? 0 : (page - 1) * pageSize + 1
  const last = Math.min(page * pageSize, total)
  return (
    <nav aria-label="Pages" className="flex items-center justify-end gap-2 pt-4 text-ink-soft">
      <span>
        {first}-{last} of {total}
      </span>
      {total > pageSize && (
        <>
          <Step href={page > 1 ? hrefOf(searchParams, param, page - 1) : null} label="Previous page">
            <ChevronLeft aria-hidden className="size-5" />
          </Step>
          <Step href={last < total ? hrefOf(searchParams, param, page + 1) : null} label="Next page">
            <ChevronRight aria-hidden className="size-5" />
          </Step>
        </>
      )}
    </nav>
  )
}

function Step({ href, label, children }: { href: string | null; label: string; children: React.ReactNode }) {
  const shape = 'flex size-9 items-center justify-center rounded-sm border'
  if (href === null) {
    return (
      <span aria-hidden className={cn(shape, 'opacity-40')}>
        {children}
      </span>
    )
  }
  return (
    <Link href={href} aria-label={label} className={cn(shape, 'text-ink hover:bg-side')}>
      {children}
    </Link>
  )
}

function hrefOf(searchParams: SearchParams, param: string, page: number): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(searchParams)) {
    for (const one of [value ?? []].flat()) query.append(key, one)
  }
  query.set(param, String(page))
  return `?${query}`
}
