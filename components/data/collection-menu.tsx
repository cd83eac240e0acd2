'use client'

import { Copy, Eye, Settings, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { toast } from 'sonner'
import { IconButton } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { copyText } from '@/components/ui/copy-text'
import { Menu, MenuChoice, MenuItem, MenuSeparator, MenuSub } from '@/components/ui/menu'
import { useAction } from '@/components/ui/use-action'
import { deleteCollectionAction, updateReadAccessAction } from '@/lib/data/actions'
import { ownerHref } from '@/lib/data/links'
import { READ_ACCESS_HINTS, READ_ACCESS_LABELS } from '@/lib/data/read-access'
import type { ReadAccess } from '@/lib/generated/prisma/enums'

type CollectionMenuProps = {
  owner: string
  collection: string
  uri: string
  readAccess: ReadAccess
  mayWrite: boolean
}

const CHOICES = (['private', 'my_algorithms', 'public'] as const).map((value) => ({
  value,
  label: READ_ACCESS_LABELS[value],
  hint: READ_ACCESS_HINTS[value],
}))

/** The gear: Copy Path, and for the owner Read Access and Delete. */
export function CollectionMenu({ owner, collection, uri, readAccess, mayWrite }: CollectionMenuProps) {
  const [isDeleting, setDeleting] = useState(false)
  const access = useAction(updateReadAccessAction)

  useEffect(() => {
    if (access.error) toast.error(access.error)
  }, [access.error])

  async function copyPath() {
    await copyText(uri)
    toast.success(`Copied ${uri}`)
  }

  return (
    <>
      <Menu
        trigger={
          <IconButton label="Collection settings" className="rounded-full border-line-strong">
            <Settings aria-hidden className="size-5" />
          </IconButton>
        }
      >
        <MenuItem onSelect={copyPath}>
          <Copy aria-hidden />
          Copy Path
        </MenuItem>
        {mayWrite && (
          <>
            <MenuSub
              label={
                <>
                  <Eye aria-hidden />
                  Read Access: {READ_ACCESS_LABELS[readAccess]}
                </>
              }
            >
              <MenuChoice
                value={readAccess}
                options={CHOICES}
                onChange={(next) => access.run({ owner, collection, readAccess: next }, () => announce(next))}
              />
            </MenuSub>
            <MenuSeparator />
            <MenuItem isDanger onSelect={() => setDeleting(true)}>
              <Trash2 aria-hidden />
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      <DeleteCollection owner={owner} collection={collection} isOpen={isDeleting} onOpenChange={setDeleting} />
    </>
  )
}

type DeleteCollectionProps = {
  owner: string
  collection: string
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
}

function DeleteCollection({ owner, collection, isOpen, onOpenChange }: DeleteCollectionProps) {
  const router = useRouter()
  const { run, isPending, error } = useAction(deleteCollectionAction)
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={`Delete ${collection}?`}
      confirmLabel="Delete Collection"
      word={collection}
      isPending={isPending}
      error={error}
      onConfirm={() => run({ owner, collection, force: true }, () => router.push(ownerHref(owner)))}
    >
      The collection and all files in it are deleted. Algorithms that use its path will fail. This can not be undone.
    </ConfirmDialog>
  )
}

function announce(readAccess: ReadAccess): void {
  toast.success(`Read access is now: ${READ_ACCESS_LABELS[readAccess]}`)
}
