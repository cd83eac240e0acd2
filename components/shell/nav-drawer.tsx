'use client'

import { Menu } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { Dialog } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { RailButton } from './rail-button'

/** The side navigation of a narrow window: slides over the page, closes on Escape and when a page was chosen. */
export function NavDrawer({ children }: { children: ReactNode }) {
  const path = usePathname()
  const [openAt, setOpenAt] = useState<string | null>(null)
  return (
    <Dialog.Root open={openAt === path} onOpenChange={(isOpen) => setOpenAt(isOpen ? path : null)}>
      <Dialog.Trigger asChild>
        <RailButton label="Open navigation" className="lg:hidden">
          <Menu aria-hidden />
        </RailButton>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-overlay lg:hidden" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 w-72 max-w-[85vw] overflow-y-auto bg-side shadow-raised lg:hidden"
        >
          <Dialog.Title className="sr-only">Navigation</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
