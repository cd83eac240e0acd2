'use client'

import dynamic from 'next/dynamic'

/** The editor is the heaviest part of the console: it is loaded when it is shown, in the browser only. */
export const LazyEditor = dynamic(() => import('./source-editor').then((module) => module.SourceEditor), {
  ssr: false,
  loading: () => <p className="p-4 text-ink-soft">Loading the editor…</p>,
})
