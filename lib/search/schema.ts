import { z } from 'zod'

/** What the search of the rail takes. */
export const Search = z.object({ q: z.string().trim().max(100) })
export type Search = z.infer<typeof Search>

/** One thing that was found, and the page that shows it. */
export type SearchHit = {
  kind: 'Algorithm' | 'Event flow' | 'Data collection'
  title: string
  detail: string
  href: string
}
