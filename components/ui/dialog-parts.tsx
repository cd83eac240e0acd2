'use client'

import { X } from 'lucide-react'
import { Dialog as RadixDialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { IconButton } from './button'
import { cn } from './cn'
import { useReturnFocus } from './return-focus'

export type DialogProps = {
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  title: ReactNode
  description?: ReactNode
  children: ReactNode
  className?: string
}

/** What `Dialog` shows; see there. */
export function DialogWindow({ isOpen, onOpenChange, title, description, children, className }: DialogProps) {
  const returnFocus = useReturnFocus()
  return (
    <RadixDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40 bg-overlay" />
        <RadixDialog.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onCloseAutoFocus={returnFocus}
          className={cn(
            'fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 -translate-y-1/2 flex-col gap-5 overflow-y-auto rounded-md border bg-panel p-6 shadow-raised',
            className,
          )}
        >
          <DialogHeading title={title} description={description} titleClass="text-xl" />
          {children}
          <CloseButton className="top-4 right-4" />
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  )
}

/** What `Modal` shows; see there. */
export function ModalWindow({ isOpen, onOpenChange, title, description, children, className }: DialogProps) {
  const returnFocus = useReturnFocus()
  return (
    <RadixDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onCloseAutoFocus={returnFocus}
          onInteractOutside={(event) => event.preventDefault()}
          className="fixed inset-0 z-50 overflow-y-auto bg-canvas"
        >
          <div className={cn('relative mx-auto flex max-w-[52rem] flex-col gap-8 px-5 py-8 sm:py-12', className)}>
            <DialogHeading title={title} description={description} titleClass="text-2xl sm:text-3xl" />
            {children}
            <CloseButton className="top-8 right-5 sm:top-12" />
          </div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  )
}

type DialogHeadingProps = { title: ReactNode; description?: ReactNode; titleClass: string }

function DialogHeading({ title, description, titleClass }: DialogHeadingProps) {
  return (
    <div className="flex min-w-0 flex-col gap-2 pr-10">
      <RadixDialog.Title className={cn('break-words font-bold tracking-tight', titleClass)}>{title}</RadixDialog.Title>
      {description && <RadixDialog.Description className="text-ink-soft">{description}</RadixDialog.Description>}
    </div>
  )
}

/** Last in the dialog, so that opening it puts the focus on its first field. */
function CloseButton({ className }: { className: string }) {
  return (
    <RadixDialog.Close asChild>
      <IconButton label="Close" className={cn('absolute', className)}>
        <X aria-hidden className="size-5" />
      </IconButton>
    </RadixDialog.Close>
  )
}
