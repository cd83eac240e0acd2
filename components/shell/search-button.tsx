'use client'

import { Search } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { RailButton } from './rail-button'

// Most visits never search: its code is fetched at the first use.
const SearchDialog = dynamic(() => import('./search-dialog').then((module) => module.SearchDialog), { ssr: false })

/** The magnifying glass of the rail; Ctrl+K or ⌘K opens the same. */
export function SearchButton() {
  const [isOpen, setOpen] = useState(false)

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      setOpen(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  return (
    <>
      <RailButton label="Search (Ctrl+K)" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Search aria-hidden />
      </RailButton>
      {isOpen && <SearchDialog onClose={() => setOpen(false)} />}
    </>
  )
}
