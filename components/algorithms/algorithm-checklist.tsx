import { CircleCheck, CircleDashed } from 'lucide-react'
import { Section } from '@/components/ui/card'
import type { AlgorithmView } from '@/lib/algorithms/queries'

/** What a well-kept algorithm has. */
export function AlgorithmChecklist({ algorithm }: { algorithm: AlgorithmView }) {
  const items = [
    { label: 'Give it a title', isDone: algorithm.label !== algorithm.name },
    { label: 'Add a tagline', isDone: algorithm.tagline !== '' },
    { label: 'Provide sample input', isDone: Boolean(algorithm.latestVersion?.sampleInput) },
    { label: 'Publish algorithm', isDone: algorithm.latestVersion !== null },
  ]
  return (
    <Section title="Algorithm Checklist">
      <ul className="flex flex-wrap gap-x-8 gap-y-2">
        {items.map(({ label, isDone }) => (
          <li key={label} className="flex items-center gap-2">
            {isDone ? (
              <CircleCheck aria-hidden className="size-5 text-success" />
            ) : (
              <CircleDashed aria-hidden className="size-5 text-ink-soft" />
            )}
            {label}
            <span className="sr-only">{isDone ? ', done' : ', to do'}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
