import { ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { Fragment, type ReactNode } from 'react'

/** The one first heading of a page, with its icon before it and its actions at the right. */
export function PageHeader({
  title,
  icon,
  description,
  actions,
}: {
  title: ReactNode
  icon?: ReactNode
  description?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className="mb-8 flex flex-wrap items-start justify-between gap-4">
      <div className="flex min-w-0 flex-col gap-2">
        <h1 className="flex items-center gap-3 break-words font-bold text-2xl tracking-tight sm:text-3xl [&_svg]:size-6 [&_svg]:shrink-0 [&_svg]:text-ink-soft">
          {icon}
          {title}
        </h1>
        {description && <div className="max-w-3xl text-ink-soft [&_a]:underline">{description}</div>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-3">{actions}</div>}
    </header>
  )
}

/** Where this page is; the last item is the page itself and has no link. */
export function Breadcrumbs({ items }: { items: { label: ReactNode; href?: string }[] }) {
  return (
    <nav aria-label="Breadcrumb" className="mb-4">
      <ol className="flex flex-wrap items-center gap-2 text-ink-soft">
        {items.map((item, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the position is what a crumb is
          <Fragment key={position}>
            {position > 0 && (
              <li aria-hidden>
                <ChevronRight className="size-4" />
              </li>
            )}
            <li>
              {item.href ? (
                <Link href={item.href} className="text-link hover:underline">
                  {item.label}
                </Link>
              ) : (
                <span aria-current="page" className="text-ink">
                  {item.label}
                </span>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}
