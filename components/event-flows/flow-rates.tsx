import { Sparkline } from '@/components/ui/sparkline'
import type { FlowMinutes } from '@/lib/event-flows/minutes'
import { formatCount } from '@/lib/format'

/** Throughput and errors of the last hour, a bar a minute. */
export function FlowRates({ minutes: { delivered, failed } }: { minutes: FlowMinutes }) {
  return (
    <div className="grid grid-cols-2 gap-4">
      <Rate title="Throughput" noun="deliveries" values={delivered} />
      <Rate title="Errors" noun="failed deliveries" values={failed} className="text-danger" />
    </div>
  )
}

type RateProps = { title: string; noun: string; values: number[]; className?: string }

function Rate({ title, noun, values, className }: RateProps) {
  const total = values.reduce((sum, value) => sum + value, 0)
  const most = Math.max(...values)
  const words = `${formatCount(total)} ${noun} in the last hour, at most ${formatCount(most)} a minute`
  return (
    <div className="flex flex-col gap-1">
      <h3 className="font-semibold text-sm">{title}</h3>
      <Sparkline values={values} label={words} className={className} />
      <p className="text-ink-soft text-xs">
        {formatCount(total)} in the last hour, at most {formatCount(most)} a minute
      </p>
    </div>
  )
}
