import { cache } from 'react'
import { getFlow } from '@/lib/event-flows/queries'
import { orNotFound } from '@/lib/web/errors'
import { idOrNotFound } from '@/lib/web/page-id'
import { requireContext } from '@/lib/web/session'

export type FlowProps = { params: Promise<{ id: string }> }

/** The flow of a flow's pages, asked for once a request by the layout and the page. */
export const loadFlow = cache(async (id: string) =>
  orNotFound(getFlow(await requireContext(), { id: idOrNotFound(id) })),
)
