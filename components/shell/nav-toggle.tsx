'use client'

import { Menu } from 'lucide-react'
import { useState } from 'react'
import { RailButton } from './rail-button'

/** Folds the side navigation of a wide window away and back. */
export function NavToggle({ controls }: { controls: string }) {
  const [isOpen, setOpen] = useState(true)

  function toggle() {
    document.body.dataset.nav = isOpen ? 'closed' : 'open'
    setOpen(!isOpen)
  }

  return (
    <RailButton
      label={isOpen ? 'Hide navigation' : 'Show navigation'}
      aria-expanded={isOpen}
      aria-controls={controls}
      onClick={toggle}
      className="max-lg:hidden"
    >
      <Menu aria-hidden />
    </RailButton>
  )
}
