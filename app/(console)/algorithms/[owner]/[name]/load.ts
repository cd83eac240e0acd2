import { cache } from 'react'
import { getAlgorithm } from '@/lib/algorithms/queries'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

export type AlgorithmProps = { params: Promise<AlgorithmPath> }

/** The algorithm of a profile page, asked for once a request by the layout and the page. */
export const loadAlgorithm = cache(async (owner: string, name: string) =>
  orNotFound(getAlgorithm(await requireContext(), { owner, name })),
)
