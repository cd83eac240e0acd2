'use client'

import { cloneElement, createContext, lazy, type ReactNode, Suspense, use, useState } from 'react'
import type {
  MenuChoiceProps,
  MenuItemProps,
  MenuLinkProps,
  MenuProps,
  MenuRoot,
  MenuSubProps,
  TriggerProps,
} from './menu-parts'

// Menus stand on every page and are opened on few: the code behind them is fetched when somebody wants the first one.
const loadParts = () => import('./menu-parts')
type Parts = Awaited<ReturnType<typeof loadParts>>

/** The parts, for the items: these are drawn only inside an open menu, when the parts are there. */
const PartsContext = createContext<Parts | null>(null)

const LazyMenu = lazy(async () => {
  const parts = await loadParts()
  return {
    default: ({ children, ...props }: Parameters<typeof MenuRoot>[0]) => (
      <PartsContext value={parts}>
        <parts.MenuRoot {...props}>{children}</parts.MenuRoot>
      </PartsContext>
    ),
  }
})

/**
 * A button and the menu that it opens. It opens in place rather than at the end of the page, so that it stays inside
 * the landmark it belongs to.
 */
export function Menu(props: MenuProps) {
  const [wantedBy, setWantedBy] = useState<'key' | 'pointer' | null>(null)
  const closed = cloneElement<TriggerProps>(props.trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onPointerEnter: () => void loadParts(),
    onFocus: () => void loadParts(),
    // A click without a pointer is a press of Enter or the space bar.
    onClick: (event) => setWantedBy(event.detail === 0 ? 'key' : 'pointer'),
    onKeyDown: (event) => {
      if (event.key === 'ArrowDown') setWantedBy('key')
    },
  })
  if (!wantedBy) return closed
  return (
    <Suspense fallback={closed}>
      <LazyMenu {...props} isOpenedByKey={wantedBy === 'key'} />
    </Suspense>
  )
}

export function MenuItem(props: MenuItemProps) {
  const parts = use(PartsContext)
  return parts && <parts.MenuItem {...props} />
}

export function MenuLink(props: MenuLinkProps) {
  const parts = use(PartsContext)
  return parts && <parts.MenuLink {...props} />
}

export function MenuLabel(props: { children: ReactNode }) {
  const parts = use(PartsContext)
  return parts && <parts.MenuLabel {...props} />
}

export function MenuSeparator() {
  const parts = use(PartsContext)
  return parts && <parts.MenuSeparator />
}

/** An item that opens a menu of its own at its side. */
export function MenuSub(props: MenuSubProps) {
  const parts = use(PartsContext)
  return parts && <parts.MenuSub {...props} />
}

/** One of several; the chosen one has a tick. */
export function MenuChoice<Value extends string>({ onChange, ...rest }: MenuChoiceProps<Value>) {
  const parts = use(PartsContext)
  return parts && <parts.MenuChoice {...rest} onChange={(value) => onChange(value as Value)} />
}
