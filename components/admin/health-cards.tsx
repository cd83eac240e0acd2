import { StatusDot, type Tone } from '@/components/ui/badge'
import { Card, Section } from '@/components/ui/card'
import { Skeleton } from '@/components/ui/skeleton'
import { getHealth } from '@/lib/admin/queries'
import type { Context } from '@/lib/context'

type HealthCheck = Awaited<ReturnType<typeof getHealth>>[number]

const TITLE = 'Overall health'
const PARTS = 5

const TONES: Record<HealthCheck['status'], { tone: Tone; word: string }> = {
  ok: { tone: 'success', word: 'Healthy' },
  warning: { tone: 'warning', word: 'Needs attention' },
  down: { tone: 'danger', word: 'Down' },
}

/** One card a part of the system, each asked now. */
export async function HealthCards({ ctx }: { ctx: Context }) {
  const checks = await getHealth(ctx)
  const healthy = checks.filter(({ status }) => status === 'ok').length
  return (
    <Section title={TITLE} description={`${healthy} of ${checks.length} parts healthy`}>
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {checks.map((check) => (
          <HealthCard key={check.part} check={check} />
        ))}
      </ul>
    </Section>
  )
}

function HealthCard({ check }: { check: HealthCheck }) {
  const { tone, word } = TONES[check.status]
  return (
    <li className="flex">
      <Card className="flex flex-1 flex-col gap-2 p-5">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h3 className="font-bold text-base">{check.part}</h3>
          <StatusDot tone={tone}>{word}</StatusDot>
        </div>
        <p>{check.summary}</p>
        {check.details.length > 0 && (
          <ul className="text-ink-soft text-sm">
            {check.details.map((detail) => (
              <li key={detail} className="break-words">
                {detail}
              </li>
            ))}
          </ul>
        )}
        {check.fix && <p className="break-words text-sm">What to do: {check.fix}</p>}
      </Card>
    </li>
  )
}

export function HealthCardsSkeleton() {
  return (
    <Section title={TITLE}>
      <div role="status" aria-label="Asking each part" className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {Array.from({ length: PARTS }, (_, part) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the cards are all alike
          <Skeleton key={part} className="h-32" />
        ))}
      </div>
    </Section>
  )
}
