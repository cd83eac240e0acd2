import { cn } from './cn'

const WIDTH = 240
const HEIGHT = 40

/** Numbers over time as a row of bars, the newest at the right. `label` says in words what the bars show. */
export function Sparkline({ values, label, className }: { values: number[]; label: string; className?: string }) {
  const highest = Math.max(1, ...values)
  const step = WIDTH / values.length
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={cn('h-10 w-full text-primary', className)}
    >
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="stroke-line-strong" strokeWidth="1" />
      {values.map((value, position) => {
        const height = value === 0 ? 0 : Math.max(2, (value / highest) * (HEIGHT - 2))
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: the position is what a bar is
            key={position}
            x={position * step}
            y={HEIGHT - height}
            width={step * 0.8}
            height={height}
            fill="currentColor"
          />
        )
      })}
    </svg>
  )
}
