'use client'

import { ChevronDown, FolderPlus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Menu, MenuItem } from '@/components/ui/menu'
import { NewCollectionDialog, type OwnerChoice } from './new-collection-dialog'

/** The menu of what can hold data. `isOpen` shows the dialog for a collection at once (the rail's menu leads here). */
export function NewDataSource({ owners, isOpen }: { owners: OwnerChoice[]; isOpen: boolean }) {
  const [isDialogOpen, setDialogOpen] = useState(isOpen)
  return (
    <>
      <Menu
        trigger={
          <Button variant="primary">
            New Data Source
            <ChevronDown aria-hidden className="size-4" />
          </Button>
        }
      >
        <MenuItem onSelect={() => setDialogOpen(true)}>
          <FolderPlus aria-hidden />
          Hosted Data Collection
        </MenuItem>
      </Menu>
      <NewCollectionDialog owners={owners} isOpen={isDialogOpen} onOpenChange={setDialogOpen} />
    </>
  )
}

/** The same dialog behind a plain button, on an owner's page. */
export function NewCollectionButton({ owner }: { owner: OwnerChoice }) {
  const [isDialogOpen, setDialogOpen] = useState(false)
  return (
    <>
      <Button variant="primary" onClick={() => setDialogOpen(true)}>
        New Collection
      </Button>
      <NewCollectionDialog owners={[owner]} isOpen={isDialogOpen} onOpenChange={setDialogOpen} />
    </>
  )
}
