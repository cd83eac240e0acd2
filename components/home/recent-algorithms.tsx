import { Section } from '@/components/ui/card'
import { TimeAgo } from '@/components/ui/local-time'
import { TextLink } from '@/components/ui/text-link'
import type { AlgorithmSummary } from '@/lib/algorithms/queries'

/** The algorithms that changed last, each with its endpoint. */
export function RecentAlgorithms({ algorithms }: { algorithms: AlgorithmSummary[] }) {
  return (
    <Section title="Recent algorithms" actions={<TextLink href="/algorithms">All algorithms</TextLink>}>
      <ul className="border-t">
        {algorithms.map((algorithm) => (
          <li key={algorithm.id} className="flex flex-col gap-0.5 border-b py-3">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4">
              <TextLink href={`/algorithms/${algorithm.endpoint}`} className="break-words font-bold">
                {algorithm.label}
              </TextLink>
              <span className="text-ink-soft text-sm">
                <TimeAgo at={algorithm.updatedAt} />
              </span>
            </div>
            <span className="break-all font-mono text-ink-soft text-sm">
              {algorithm.endpoint}
              {algorithm.semanticVersion ? `/${algorithm.semanticVersion}` : ' · not published'}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
