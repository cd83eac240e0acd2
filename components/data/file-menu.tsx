'use client'

import { Download, MoreVertical, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { Menu, MenuItem, MenuLink } from '@/components/ui/menu'
import { useAction } from '@/components/ui/use-action'
import { useSetParams } from '@/components/ui/use-set-params'
import { deleteFileAction } from '@/lib/data/actions'
import { fileHref } from '@/lib/data/links'

type FileMenuProps = {
  owner: string
  collection: string
  file: string
  mayDelete: boolean
  /** Its contents stand below the list. */
  isShown: boolean
}

/** The three dots of a file: Download, and for the owner Delete. */
export function FileMenu({ owner, collection, file, mayDelete, isShown }: FileMenuProps) {
  const [isDeleting, setDeleting] = useState(false)
  const { run, isPending, error } = useAction(deleteFileAction)
  const setParams = useSetParams()

  function confirm() {
    run({ owner, collection, file }, () => {
      setDeleting(false)
      if (isShown) setParams({ file: null })
    })
  }

  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${file}`}>
            <MoreVertical aria-hidden className="size-5" />
          </IconButton>
        }
      >
        <MenuLink href={fileHref(owner, collection, file)} isDownload>
          <Download aria-hidden />
          Download
        </MenuLink>
        {mayDelete && (
          <MenuItem isDanger onSelect={() => setDeleting(true)}>
            <Trash2 aria-hidden />
            Delete
          </MenuItem>
        )}
      </Menu>
      <ConfirmDialog
        isOpen={isDeleting}
        onOpenChange={setDeleting}
        title="Delete this file?"
        confirmLabel="Delete File"
        onConfirm={confirm}
        isPending={isPending}
        error={error}
      >
        <span className="break-all">{file}</span> is deleted from {collection}. This can not be undone.
      </ConfirmDialog>
    </>
  )
}
