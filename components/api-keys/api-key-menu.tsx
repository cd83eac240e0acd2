'use client'

import { EllipsisVertical } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { IconButton } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { Menu, MenuItem } from '@/components/ui/menu'
import { useAction } from '@/components/ui/use-action'
import { deleteApiKeyAction } from '@/lib/api-keys/actions'

export function ApiKeyMenu({ keyId, label }: { keyId: string; label: string }) {
  const router = useRouter()
  const [isAsking, setAsking] = useState(false)
  const { run, isPending, error } = useAction(deleteApiKeyAction)

  function remove() {
    run({ keyId }, () => {
      setAsking(false)
      toast.success(`API key ${label} deleted.`)
      router.refresh()
    })
  }

  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${label}`}>
            <EllipsisVertical aria-hidden className="size-5" />
          </IconButton>
        }
      >
        <MenuItem isDanger onSelect={() => setAsking(true)}>
          Delete
        </MenuItem>
      </Menu>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title={`Delete the API key ${label}?`}
        confirmLabel="Delete API key"
        onConfirm={remove}
        isPending={isPending}
        error={error}
      >
        Programs that use it are refused from now on. This can not be undone.
      </ConfirmDialog>
    </>
  )
}
