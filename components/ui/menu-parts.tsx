'use client'

import { Check, ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { DropdownMenu } from 'radix-ui'
import { type ComponentProps, type ReactElement, type ReactNode, useEffect } from 'react'
import { cn } from './cn'

const itemClass =
  'flex w-full cursor-pointer select-none items-center gap-2.5 px-4 py-2.5 text-left outline-none data-disabled:cursor-not-allowed data-highlighted:bg-side-active data-disabled:opacity-60 [&_svg]:size-4'

const contentClass =
  'z-50 min-w-48 overflow-hidden rounded-sm border bg-panel py-1.5 font-normal text-ink shadow-raised'

export type MenuItemProps = ComponentProps<typeof DropdownMenu.Item> & { isDanger?: boolean }
export type MenuLinkProps = { href: string; children: ReactNode; isDownload?: boolean }
export type MenuSubProps = { label: ReactNode; children: ReactNode }
export type MenuChoiceProps<Value extends string = string> = {
  value: Value
  options: { value: Value; label: string; hint?: string }[]
  onChange: (value: Value) => void
}

export type MenuProps = {
  /** The button that opens it; give it an accessible name. */
  trigger: ReactElement<TriggerProps>
  children: ReactNode
  align?: 'start' | 'end'
  side?: 'bottom' | 'right' | 'top'
}

export type TriggerProps = ComponentProps<'button'>

/**
 * The menu itself, open from the beginning: it is fetched because somebody wants it. Radix begins at the first item when
 * a key opened the menu, and tells so by a listener that came too late for this key: it hears of it again.
 */
export function MenuRoot({
  trigger,
  children,
  isOpenedByKey,
  align = 'end',
  side = 'bottom',
}: MenuProps & { isOpenedByKey: boolean }) {
  useEffect(() => {
    if (isOpenedByKey) document.dispatchEvent(new KeyboardEvent('keydown'))
  }, [isOpenedByKey])
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Content align={align} side={side} sideOffset={6} collisionPadding={8} className={contentClass}>
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  )
}

export function MenuItem({ isDanger, className, ...rest }: MenuItemProps) {
  return <DropdownMenu.Item className={cn(itemClass, isDanger && 'text-danger', className)} {...rest} />
}

export function MenuLink({ href, children, isDownload }: MenuLinkProps) {
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

export function MenuSub({ label, children }: MenuSubProps) {
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className={cn(itemClass, 'data-[state=open]:bg-side-active')}>
        {label}
        <ChevronRight aria-hidden className="ml-auto" />
      </DropdownMenu.SubTrigger>
      <DropdownMenu.SubContent sideOffset={2} collisionPadding={8} className={contentClass}>
        {children}
      </DropdownMenu.SubContent>
    </DropdownMenu.Sub>
  )
}

export function MenuChoice({ value, options, onChange }: MenuChoiceProps) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={cn(itemClass, 'relative pl-10')}>
          <DropdownMenu.ItemIndicator className="absolute left-4">
            <Check aria-hidden />
          </DropdownMenu.ItemIndicator>
          <span className="flex flex-col">
            {option.label}
            {option.hint && <span className="text-ink-soft text-sm">{option.hint}</span>}
          </span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}
