'use client'

import { Avatar } from '@/components/ui/avatar'
import { Menu, MenuItem, MenuLabel, MenuLink, MenuSeparator } from '@/components/ui/menu'
import { signOut } from '@/lib/web/sign-out'
import type { ShellUser } from './console-shell'
import { RailButton } from './rail-button'

/** Who is signed in, the way to one's own settings, and out. */
export function UserMenu({ user }: { user: ShellUser }) {
  return (
    <Menu
      align="end"
      side="top"
      trigger={
        <RailButton label={`Account: ${user.name}`} className="rounded-full [&_svg]:size-8">
          <Avatar />
        </RailButton>
      }
    >
      <MenuLabel>
        Signed in as <strong className="text-ink">{user.name}</strong>
      </MenuLabel>
      <MenuSeparator />
      <MenuLink href="/account">Settings</MenuLink>
      <MenuLink href="/account/api-keys">Manage API Keys</MenuLink>
      <MenuSeparator />
      <MenuItem onSelect={() => signOut()}>Sign Out</MenuItem>
    </Menu>
  )
}
