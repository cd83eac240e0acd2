import { Card } from '@/components/ui/card'
import { CopyButton } from '@/components/ui/copy-button'
import { Fact, FactList } from '@/components/ui/fact-list'
import { TextLink } from '@/components/ui/text-link'
import type { ExecutionDetail } from '@/lib/executions/queries'
import { labelOfSettlement } from '@/lib/executions/words'
import { formatDuration } from '@/lib/format'

/** Names and numbers of one execution. */
export function ExecutionFacts({ execution }: { execution: ExecutionDetail }) {
  const { algorithm, semanticVersion, commitSha, settlement, durationMs, deadLetterReason, outputPath } = execution
  const path = `${algorithm.owner}/${algorithm.name}`
  return (
    <Card className="p-5">
      <h2 className="mb-3 text-ink-soft text-xs uppercase tracking-wider">Details</h2>
      <FactList>
        <Fact name="Algorithm">
          <TextLink href={`/algorithms/${path}`}>{[path, semanticVersion].filter(Boolean).join('/')}</TextLink>
        </Fact>
        <Fact name="Commit">
          <span className="font-mono text-sm">{commitSha.slice(0, 12)}</span>
        </Fact>
        <Fact name="Caller">{execution.callerName}</Fact>
        {execution.messageId && (
          <Fact name="Message id" className="flex items-center gap-1">
            <span className="break-all font-mono text-sm">{execution.messageId}</span>
            <CopyButton text={execution.messageId} label="Copy message id" />
          </Fact>
        )}
        {execution.sequenceNumber && <Fact name="Sequence number">{execution.sequenceNumber}</Fact>}
        {execution.deliveryCount !== null && <Fact name="Delivery count">{execution.deliveryCount}</Fact>}
        <Fact name="Duration">{durationMs === null ? 'still running' : formatDuration(durationMs)}</Fact>
        {settlement && <Fact name="Settlement">{labelOfSettlement(settlement)}</Fact>}
        {deadLetterReason && <Fact name="Reason">{deadLetterReason}</Fact>}
        {outputPath && (
          <Fact name="Output">
            <TextLink href={collectionHref(outputPath)} className="break-all font-mono text-sm">
              {outputPath}
            </TextLink>
          </Fact>
        )}
        <MessageFacts properties={execution.properties} />
        <Fact name="Execution id" className="flex items-center gap-1">
          <span className="break-all font-mono text-sm">{execution.id}</span>
          <CopyButton text={execution.id} label="Copy execution id" />
        </Fact>
      </FactList>
    </Card>
  )
}

/** What the sender gave the message besides its body. */
function MessageFacts({ properties }: Pick<ExecutionDetail, 'properties'>) {
  const { session, correlation, contentType, own } = properties
  const named: [string, string | null][] = [
    ['Content type', contentType],
    ['Session id', session],
    ['Correlation id', correlation],
    ...own,
  ]
  return named.map(
    ([name, value]) =>
      value !== null && (
        <Fact key={name} name={name}>
          <span className="break-all font-mono text-sm">{value}</span>
        </Fact>
      ),
  )
}

/** The page of the collection that holds `data://OWNER/COLLECTION/FILE`. */
function collectionHref(path: string): string {
  return `/data/${path.replace('data://', '').split('/').slice(0, 2).join('/')}`
}
