'use client'

import ConsoleError from '../(console)/error'

/** The editor's own window has no shell around it: the error stands in a `main` of its own. */
export default function IdeError(props: Parameters<typeof ConsoleError>[0]) {
  return (
    <main>
      <ConsoleError {...props} />
    </main>
  )
}
