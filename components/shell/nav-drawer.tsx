'use client'

import { Menu } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { RailButton } from './rail-button'

// Only narrow windows have it, and only once it is opened.
const DrawerPanel = lazy(() => import('./drawer-panel').then((module) => ({ default: module.DrawerPanel })))

/** The side navigation of a narrow window: slides over the page, closes on Escape and when a page was chosen. */
export function NavDrawer({ children }: { children: ReactNode }) {
  const path = usePathname()
  const [openAt, setOpenAt] = useState<string | null>(null)
  const isOpen = openAt === path
  return (
    <>
      <RailButton
        label="Open navigation"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        className="lg:hidden"
        onClick={() => setOpenAt(path)}
      >
        <Menu aria-hidden />
      </RailButton>
      {isOpen && (
        <Suspense>
          <DrawerPanel onClose={() => setOpenAt(null)}>{children}</DrawerPanel>
        </Suspense>
      )}
    </>
  )
}
