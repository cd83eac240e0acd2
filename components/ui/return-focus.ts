'use client'

import { useState } from 'react'

/**
 * For a dialog that was not opened by a trigger of its own: what had the focus when it opened gets it back when it
 * closes. For an item of a menu that is the menu's button, because the menu is gone by then.
 */
export function useReturnFocus(): (event: Event) => void {
  const [opener] = useState(findOpener)
  return (event) => {
    event.preventDefault()
    opener?.focus()
  }
}

function findOpener(): HTMLElement | null {
  const focused = document.activeElement
  const menu = focused?.closest('[role="menu"]')
  const opener = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : focused
  return opener instanceof HTMLElement ? opener : null
}
