import Link from 'next/link'
import { Badge } from '@/components/ui/badge'
import { Section } from '@/components/ui/card'
import { LocalTime } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { ExecutionDetail } from '@/lib/executions/queries'
import { labelOfSettlement } from '@/lib/executions/words'
import { formatDuration } from '@/lib/format'
import { ExecutionStatusDot } from './execution-status'
import { deliveryOf, versionOf } from './execution-table'

/** Every delivery of the same message, with its replays and dry runs. Renders nothing for a call that no message made. */
export function MessageAttempts({ execution }: { execution: ExecutionDetail }) {
  if (execution.attempts.length === 0) return null
  return (
    <Section title="Attempts of this message">
      <Table label="Attempts of this message">
        <thead>
          <tr>
            <Th>Attempt</Th>
            <Th>Status</Th>
            <Th>Version</Th>
            <Th>Started</Th>
            <Th>Duration</Th>
            <Th>Settlement</Th>
          </tr>
        </thead>
        <tbody>
          {execution.attempts.map((attempt) => (
            <Tr key={attempt.id}>
              <Td>
                {attempt.id === execution.id ? (
                  <Badge tone="info">{deliveryOf(attempt)} (this one)</Badge>
                ) : (
                  <Link href={`/executions/${attempt.id}`} className="text-link hover:underline">
                    {deliveryOf(attempt)}
                  </Link>
                )}
              </Td>
              <Td>
                <ExecutionStatusDot status={attempt.status} />
              </Td>
              <Td>{versionOf(attempt)}</Td>
              <Td className="whitespace-nowrap">
                <LocalTime at={attempt.startedAt} />
              </Td>
              <Td>{attempt.durationMs === null ? '-' : formatDuration(attempt.durationMs)}</Td>
              <Td>{attempt.settlement ? labelOfSettlement(attempt.settlement) : '-'}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  )
}
