'use client'

import { ChevronDown, FolderPlus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Menu, MenuItem } from '@/components/ui/menu'
import { useSetParams } from '@/components/ui/use-set-params'
import { NewCollectionDialog, type OwnerChoice } from './new-collection-dialog'

/** The menu of what can hold data. `isAsked`: the URL asks for the dialog (the rail's menu leads here). */
export function NewDataSource({ owners, isAsked }: { owners: OwnerChoice[]; isAsked: boolean }) {
  const [isDialogOpen, setDialogOpen] = useState(isAsked)
  const [wasAsked, setWasAsked] = useState(isAsked)
  const setParams = useSetParams()
  if (isAsked !== wasAsked) {
    setWasAsked(isAsked)
    if (isAsked) setDialogOpen(true)
  }

  function change(isOpen: boolean) {
    setDialogOpen(isOpen)
    // Or the rail's menu could not ask again.
    if (!isOpen && isAsked) setParams({ new: null })
  }

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
        <MenuItem onSelect={() => change(true)}>
          <FolderPlus aria-hidden />
          Hosted Data Collection
        </MenuItem>
      </Menu>
      <NewCollectionDialog owners={owners} isOpen={isDialogOpen} onOpenChange={change} />
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
