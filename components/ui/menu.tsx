'use client'

import Link from 'next/link'
import { DropdownMenu } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn'

const itemClass =
  'flex w-full cursor-pointer select-none items-center gap-2.5 px-4 py-2.5 text-left outline-none data-disabled:cursor-not-allowed data-highlighted:bg-side-active data-disabled:opacity-60 [&_svg]:size-4'

type MenuProps = {
  /** The button that opens it; give it an accessible name. */
  trigger: ReactNode
  children: ReactNode
  align?: 'start' | 'end'
  side?: 'bottom' | 'right' | 'top'
}

export function Menu({ trigger, children, align = 'end', side = 'bottom' }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 min-w-48 overflow-hidden rounded-sm border bg-panel py-1.5 shadow-raised"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

export function MenuItem({
  isDanger,
  className,
  ...rest
}: ComponentProps<typeof DropdownMenu.Item> & { isDanger?: boolean }) {
  return <DropdownMenu.Item className={cn(itemClass, isDanger && 'text-danger', className)} {...rest} />
}

export function MenuLink({ href, children, isDownload }: { href: string; children: ReactNode; isDownload?: boolean }) {
  return (
    <DropdownMenu.Item asChild className={itemClass}>
      {isDownload ? (
        <a href={href} download>
          {children}
        </a>
      ) : (
        <Link href={href}>{children}</Link>
      )}
    </DropdownMenu.Item>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-4 py-2 text-ink-soft text-sm">{children}</DropdownMenu.Label>
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
}
