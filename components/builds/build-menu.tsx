'use client'

import { EllipsisVertical } from 'lucide-react'
import { IconButton } from '@/components/ui/button'
import { Menu, MenuLink } from '@/components/ui/menu'

/** What else can be done with a build of the list. */
export function BuildMenu({ href, commitSha }: { href: string; commitSha: string }) {
  return (
    <Menu
      trigger={
        <IconButton label={`Actions of build ${commitSha.slice(0, 8)}`}>
          <EllipsisVertical aria-hidden className="size-5" />
        </IconButton>
      }
    >
      <MenuLink href={href}>View Details</MenuLink>
      <MenuLink href={`${href}/log`} isDownload>
        Download compilation logs
      </MenuLink>
    </Menu>
  )
}
