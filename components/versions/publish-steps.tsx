import { CircleCheck, Code, List, Settings } from 'lucide-react'
import { cn } from '@/components/ui/cn'

const STEPS = [
  { title: 'Document changes', Icon: List },
  { title: 'Example input/output', Icon: Code },
  { title: 'Configure settings', Icon: Settings },
]

/** Where in the three steps one is; finished ones lead back. */
export function PublishSteps({ current, onChoose }: { current: number; onChoose: (step: number) => void }) {
  return (
    <ol aria-label="Steps" className="grid rounded-sm border sm:grid-cols-3">
      {STEPS.map(({ title, Icon }, index) => {
        const step = index + 1
        const isDone = step < current
        return (
          <li key={title} className="border-b last:border-b-0 sm:border-r sm:border-b-0 sm:last:border-r-0">
            <button
              type="button"
              aria-current={step === current ? 'step' : undefined}
              disabled={step > current}
              onClick={() => onChoose(step)}
              className={cn('flex size-full items-center gap-4 px-4 py-3 text-left', step !== current && 'bg-side')}
            >
              {isDone ? (
                <CircleCheck aria-hidden className="size-6 shrink-0 text-success" />
              ) : (
                <Icon
                  aria-hidden
                  className={cn('size-6 shrink-0', step === current ? 'text-primary' : 'text-ink-soft')}
                />
              )}
              <span className="flex flex-col">
                <span className="text-xs tracking-wider">{isDone ? 'COMPLETED' : `STEP ${step}`}</span>
                <span>{title}</span>
              </span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}
