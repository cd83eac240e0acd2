import Link from 'next/link'
import { cn } from '@/components/ui/cn'
import { LocalTime } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { ExecutionRow } from '@/lib/executions/list'
import { labelOfSource } from '@/lib/executions/words'
import { formatDuration } from '@/lib/format'
import { ExecutionStatusDot } from './execution-status'

/** One row an execution; the message's id leads to its page. */
export function ExecutionTable({ executions, label }: { executions: ExecutionRow[]; label: string }) {
  return (
    <Table label={label} className="min-w-[52rem]">
      <thead>
        <tr>
          <Th>Status</Th>
          <Th>Message</Th>
          <Th>Delivery</Th>
          <Th>Version</Th>
          <Th>Started</Th>
          <Th>Duration</Th>
          <Th>Result</Th>
        </tr>
      </thead>
      <tbody>
        {executions.map((execution) => (
          <Tr key={execution.id}>
            <Td>
              <ExecutionStatusDot status={execution.status} />
            </Td>
            <Td className="whitespace-nowrap">
              <Link href={`/executions/${execution.id}`} className="font-mono text-link text-sm hover:underline">
                {shortId(execution.messageId) ?? 'details'}
              </Link>
            </Td>
            <Td className="whitespace-nowrap tabular-nums">{deliveryOf(execution)}</Td>
            <Td className="tabular-nums">{versionOf(execution)}</Td>
            <Td className="min-w-32 2xl:whitespace-nowrap">
              <LocalTime at={execution.startedAt} />
            </Td>
            <Td className="whitespace-nowrap tabular-nums">
              {execution.durationMs === null ? '-' : formatDuration(execution.durationMs)}
            </Td>
            <Td
              className={cn('w-full font-mono text-sm', execution.hasError && 'text-danger')}
              title={execution.preview}
            >
              <span className="wrap-anywhere line-clamp-2 min-w-32">{execution.preview}</span>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The number of the delivery, or what else made it run. */
export function deliveryOf({ source, deliveryCount }: Pick<ExecutionRow, 'source' | 'deliveryCount'>): string {
  return source === 'flow' ? String(deliveryCount ?? '-') : labelOfSource(source)
}

const SHOWN_ID_CHARS = 13

/** Message ids are mostly UUIDs: their start tells them apart in a list. */
function shortId(messageId: string | null): string | null {
  if (!messageId || messageId.length <= SHOWN_ID_CHARS) return messageId
  return `${messageId.slice(0, SHOWN_ID_CHARS)}…`
}

/** A commit that was run without being published has no version; its SHA names it. */
export function versionOf({ semanticVersion, commitSha }: Pick<ExecutionRow, 'semanticVersion' | 'commitSha'>): string {
  return semanticVersion ?? commitSha.slice(0, 7)
}
