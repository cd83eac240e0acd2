import { Section } from '@/components/ui/card'
import { cn } from '@/components/ui/cn'
import { CodeBlock } from '@/components/ui/code-block'
import type { ExecutionDetail, PayloadView } from '@/lib/executions/queries'
import { formatBytes } from '@/lib/format'

/** Input, result or error, and what the algorithm wrote. */
export function ExecutionOutput({ execution }: { execution: ExecutionDetail }) {
  const { input, result, error, log } = execution
  const hasResult = result !== null || execution.status === 'succeeded'
  return (
    <>
      {error && (
        <Section title="Error" description={error.type}>
          <p className="whitespace-pre-wrap break-words text-danger">{error.message}</p>
          {error.stack && <CodeBlock label="stack trace" text={error.stack} className="text-danger" />}
        </Section>
      )}
      <div className={cn('grid gap-10', hasResult && 'lg:grid-cols-2')}>
        <PayloadSection title="Input" executionId={execution.id} payload={input} />
        {hasResult && <PayloadSection title="Result" executionId={execution.id} payload={result ?? NO_RESULT} />}
      </div>
      <LogSection log={log} />
    </>
  )
}

type Payload = PayloadView & { type: 'json' | 'text' | 'binary' | null }

const NO_RESULT: Payload = { type: null, preview: '', bytes: 0, whole: 'shown' }

const BEGINNING = {
  shown: null,
  kept: 'Only its beginning is shown; download it to have all.',
  lost: 'Only its beginning was kept.',
} as const

type PayloadSectionProps = { title: 'Input' | 'Result'; executionId: string; payload: Payload }

function PayloadSection({ title, executionId, payload }: PayloadSectionProps) {
  const { type, preview, bytes, whole } = payload
  const part = title.toLowerCase()
  return (
    <Section
      title={title}
      description={`${type === 'binary' ? 'binary, shown as base64' : (type ?? 'nothing')}, ${formatBytes(bytes)}`}
      className="min-w-0"
      actions={
        bytes > 0 &&
        whole !== 'lost' && (
          <a
            href={`/executions/${executionId}/payload/${part}`}
            className="self-center text-link text-sm hover:underline"
          >
            Download {part}
          </a>
        )
      }
    >
      {preview ? (
        <CodeBlock label={title.toLowerCase()} text={type === 'json' ? indented(preview) : preview} />
      ) : (
        <p className="text-ink-soft">Empty.</p>
      )}
      {BEGINNING[whole] && <p className="text-ink-soft text-sm">{BEGINNING[whole]}</p>}
    </Section>
  )
}

function LogSection({ log }: { log: ExecutionDetail['log'] }) {
  if (!log) {
    return (
      <Section title="Logs">
        <p className="text-ink-soft">Only the owner of the algorithm sees what it writes.</p>
      </Section>
    )
  }
  return (
    <Section
      title="Logs"
      description={log.isTruncated ? 'More was written than is kept: the middle is left out.' : undefined}
    >
      {!log.stdout && !log.stderr && <p className="text-ink-soft">The algorithm wrote nothing.</p>}
      {log.stdout && <LogStream name="stdout" text={log.stdout} />}
      {log.stderr && <LogStream name="stderr" text={log.stderr} />}
    </Section>
  )
}

function LogStream({ name, text }: { name: string; text: string }) {
  return (
    <div className="flex flex-col gap-1.5">
      <h3 className="font-mono text-ink-soft text-sm">{name}</h3>
      <CodeBlock label={name} text={text} />
    </div>
  )
}

/** A preview that was cut is not JSON any more; it is shown as it is. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}
