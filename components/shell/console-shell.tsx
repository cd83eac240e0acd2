import type { ReactNode } from 'react'
import { Brand } from './brand'
import { CreateMenu } from './create-menu'
import { NavDrawer } from './nav-drawer'
import { NavToggle } from './nav-toggle'
import { SearchButton } from './search-button'
import { SideNav } from './side-nav'
import { UserMenu } from './user-menu'

export type ShellUser = { name: string; displayName: string; isAdmin: boolean }

const CONTENT_ID = 'content'
const SIDE_ID = 'side-navigation'

/** The frame of every signed-in page: rail, side navigation, content. When narrow, the rail lies on top. */
export function ConsoleShell({ user, children }: { user: ShellUser; children: ReactNode }) {
  const navigation = (
    <nav aria-label="Main" className="pb-8">
      <Brand />
      <SideNav isAdmin={user.isAdmin} />
    </nav>
  )
  return (
    <div className="flex min-h-dvh flex-col lg:flex-row">
      <a
        href={`#${CONTENT_ID}`}
        className="sr-only z-50 rounded-sm bg-primary px-4 py-2 font-semibold text-on-primary focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </a>
      <header className="sticky top-0 z-30 flex h-14 shrink-0 items-center gap-2 bg-rail px-2 text-on-rail lg:h-dvh lg:w-15 lg:flex-col lg:px-0 lg:py-3">
        <NavDrawer>{navigation}</NavDrawer>
        <NavToggle controls={SIDE_ID} />
        <div className="flex items-center gap-2 lg:mt-4 lg:flex-col lg:gap-4">
          <SearchButton />
          <CreateMenu />
        </div>
        <div className="ml-auto lg:mt-auto lg:ml-0">
          <UserMenu user={user} />
        </div>
      </header>
      <div
        id={SIDE_ID}
        className="sticky top-0 hidden h-dvh w-60 shrink-0 overflow-y-auto border-r bg-side lg:block lg:in-data-[nav=closed]:hidden"
      >
        {navigation}
      </div>
      <main id={CONTENT_ID} tabIndex={-1} className="min-w-0 flex-1 px-4 py-6 outline-none sm:px-8 lg:px-12">
        <div className="mx-auto max-w-[90rem]">{children}</div>
      </main>
    </div>
  )
}
