import { ChevronRight, LayoutGrid } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { DATA_SOURCES_HREF, ownerHref } from '@/lib/data/links'

type DataBreadcrumbProps = { owner: string; collection?: string; children?: ReactNode }

/** The way from Data Sources to this page; its last part is the page's heading, `children` stand behind it. */
export function DataBreadcrumb({ owner, collection, children }: DataBreadcrumbProps) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-lg sm:text-xl">
      <nav aria-label="Breadcrumb">
        <ol className="flex flex-wrap items-center gap-2">
          <li>
            <Link
              href={DATA_SOURCES_HREF}
              aria-label="Data Sources"
              title="Data Sources"
              className="block text-ink-soft"
            >
              <LayoutGrid aria-hidden className="size-6" />
            </Link>
          </li>
          {collection && (
            <li className="flex items-center gap-2">
              <Separator />
              <Link href={ownerHref(owner)} className="font-semibold hover:underline">
                {owner}
              </Link>
            </li>
          )}
        </ol>
      </nav>
      <Separator />
      <h1 className="break-all font-bold">{collection ?? owner}</h1>
      {children}
    </div>
  )
}

function Separator() {
  return <ChevronRight aria-hidden className="size-5 shrink-0 text-ink-soft" />
}
