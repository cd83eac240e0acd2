'use client'

import { ChevronDown, Plus } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Menu, MenuLabel, MenuLink } from '@/components/ui/menu'
import { createItems } from './navigation'
import { RailButton } from './rail-button'

const links = createItems.map(({ href, label }) => (
  <MenuLink key={href} href={href}>
    {label}
  </MenuLink>
))

/** The `+` of the rail. */
export function CreateMenu() {
  return (
    <Menu
      align="start"
      trigger={
        <RailButton label="Create new">
          <Plus aria-hidden />
        </RailButton>
      }
    >
      <MenuLabel>Create new</MenuLabel>
      {links}
    </Menu>
  )
}

/** The same choices as a button with a word. */
export function CreateNewButton() {
  return (
    <Menu
      trigger={
        <Button variant="primary">
          Create New
          <ChevronDown aria-hidden className="size-4" />
        </Button>
      }
    >
      {links}
    </Menu>
  )
}
