import { Fact, FactList } from '@/components/ui/fact-list'
import { LocalTime } from '@/components/ui/local-time'
import { TextLink } from '@/components/ui/text-link'
import { describeOptions } from '@/lib/event-flows/describe-options'
import type { FlowDetail } from '@/lib/event-flows/queries'

/** What a flow runs, and with which options. */
export function FlowSetup({ flow }: { flow: FlowDetail }) {
  return (
    <div className="grid gap-x-8 gap-y-1.5 text-sm md:grid-cols-2">
      <FactList className="grid-cols-[7rem_minmax(0,1fr)] content-start">
        <Fact name="Version">{versionText(flow)}</Fact>
        <Fact name="Timeout">{flow.timeoutSeconds} s</Fact>
        <Fact name="Caller">{flow.ownerName}</Fact>
        <Fact name="Connected">
          <LocalTime at={flow.createdAt} />
        </Fact>
        <Fact name="Output">
          <Output flow={flow} />
        </Fact>
      </FactList>
      <FactList className="grid-cols-[7rem_minmax(0,1fr)] content-start">
        {describeOptions(flow.options).map(({ name, text }) => (
          <Fact key={name} name={name}>
            {text}
          </Fact>
        ))}
      </FactList>
    </div>
  )
}

function Output({ flow: { options } }: { flow: FlowDetail }) {
  const { outputCollection, outputNameTemplate } = options
  if (!outputCollection) return 'results stay with their executions'
  return (
    <>
      <TextLink href={`/data/${outputCollection}`} className="break-all">
        data://{outputCollection}
      </TextLink>
      <span className="break-all">/{outputNameTemplate}</span>
    </>
  )
}

function versionText({ versionSelector, semanticVersion }: FlowDetail): string {
  if (versionSelector) return versionSelector
  return semanticVersion ? `newest published (${semanticVersion})` : 'newest published'
}
