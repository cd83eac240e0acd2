'use client'

import dynamic from 'next/dynamic'

// Menus are a sixth of a page's JavaScript and never its content: they come right after it.

export const LazyCreateMenu = dynamic(() => import('./create-menu').then((module) => module.CreateMenu), {
  ssr: false,
  loading: MenuPlace,
})

export const LazyUserMenu = dynamic(() => import('./user-menu').then((module) => module.UserMenu), {
  ssr: false,
  loading: MenuPlace,
})

/** As large as the button that comes, so that nothing moves. */
function MenuPlace() {
  return <span className="block size-11" />
}
