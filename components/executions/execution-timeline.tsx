import { Card } from '@/components/ui/card'
import { cn } from '@/components/ui/cn'
import { LocalTime } from '@/components/ui/local-time'
import type { ExecutionDetail } from '@/lib/executions/queries'
import { labelOfSettlement } from '@/lib/executions/words'
import { formatDuration } from '@/lib/format'

type Step = { name: string; at: Date | null }

/** From the queue to the settlement, with the time between the steps. */
export function ExecutionTimeline({ execution }: { execution: ExecutionDetail }) {
  const steps = stepsOf(execution)
  return (
    <Card className="p-5">
      <h2 className="mb-3 text-ink-soft text-xs uppercase tracking-wider">Timeline</h2>
      <ol className="flex flex-col">
        {steps.map((step, position) => (
          <li
            key={step.name}
            className={cn(
              'relative flex gap-3 pb-4 last:pb-0',
              position < steps.length - 1 &&
                'before:absolute before:top-4 before:bottom-0 before:left-[5px] before:w-px before:bg-line-strong',
            )}
          >
            <span
              aria-hidden
              className={cn(
                'mt-1.5 size-[11px] shrink-0 rounded-full border-2',
                step.at ? 'border-primary bg-primary' : 'border-line-strong',
              )}
            />
            <div className="flex flex-1 flex-wrap justify-between gap-x-4">
              <span className="font-semibold">{step.name}</span>
              <span className="text-ink-soft text-sm tabular-nums">
                {step.at ? <LocalTime at={step.at} /> : 'not yet'}
                {gapText(steps, position)}
              </span>
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}

function stepsOf(execution: ExecutionDetail): Step[] {
  const { enqueuedAt, receivedAt, startedAt, finishedAt, recordedAt, settledAt, settlement } = execution
  const run: Step[] = [
    { name: 'Started', at: startedAt },
    { name: 'Result', at: finishedAt },
    { name: 'Recorded', at: recordedAt },
  ]
  if (execution.source !== 'flow') return run
  return [
    { name: 'Enqueued', at: enqueuedAt },
    { name: 'Received', at: receivedAt },
    ...run,
    { name: settlement ? `Settled: ${labelOfSettlement(settlement).toLowerCase()}` : 'Settled', at: settledAt },
  ]
}

/** ` + 12 ms` after the step before. The broker's clock may be off, so the first gap can be negative: then nothing. */
function gapText(steps: Step[], position: number): string {
  const at = steps[position]?.at
  const before = steps[position - 1]?.at
  if (!at || !before) return ''
  const gapMs = at.getTime() - before.getTime()
  return gapMs < 0 ? '' : ` (+${formatDuration(gapMs)})`
}
