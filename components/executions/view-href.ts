import type { ExecutionListView } from '@/lib/executions/schema'

/** The view as it stands in the URL. */
export function hrefOfView(view: ExecutionListView): string {
  const given = Object.entries(view).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return `?${new URLSearchParams(given)}`
}
