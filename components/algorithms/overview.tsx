import type { ReactNode } from 'react'
import { Badge } from '@/components/ui/badge'
import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { TextLink } from '@/components/ui/text-link'
import type { AlgorithmMetrics, AlgorithmView } from '@/lib/algorithms/queries'
import { LICENSE_LABELS } from '@/lib/algorithms/words'
import { formatCount, formatDuration } from '@/lib/format'
import { EditableLine } from './editable-line'
import { InstallAndUse } from './install-and-use'
import { RunExample } from './run-example'

type Props = { algorithm: AlgorithmView; metrics: AlgorithmMetrics; apiUrl: string }

export function Overview({ algorithm, metrics, apiUrl }: Props) {
  const { endpoint, latestVersion, canEdit } = algorithm
  const path = { owner: algorithm.ownerName, name: algorithm.name }
  return (
    <div className="flex flex-col gap-10">
      <div className="flex flex-col gap-3">
        <EditableLine path={path} field="label" label="Title" text={algorithm.label} canEdit={canEdit} isHeading />
        <EditableLine
          path={path}
          field="tagline"
          label="Tagline"
          text={algorithm.tagline}
          placeholder="Add a short, one-sentence description"
          canEdit={canEdit}
        />
      </div>
      <div className="grid gap-8 sm:grid-cols-2 lg:grid-cols-3">
        <Fact title="Language">
          {algorithm.environment.displayName}
          {!algorithm.environment.isAvailable && ' (not on this machine any more)'}
        </Fact>
        <Fact title="Metrics">
          <span>
            API Calls - {formatCount(metrics.callCount)}
            {metrics.hasMore && '+'}
          </span>
          <span>
            Avg call duration - {metrics.averageDurationMs === null ? 'N/A' : formatDuration(metrics.averageDurationMs)}
          </span>
          <TextLink href={`/algorithms/${endpoint}/versions`} className="font-semibold">
            {metrics.versionCount === 1 ? '1 version' : `${formatCount(metrics.versionCount)} versions`}
          </TextLink>
        </Fact>
        <Fact title="Permissions">
          <Permissions algorithm={algorithm} />
        </Fact>
      </div>
      {latestVersion ? (
        <>
          <RunExample path={path} version={latestVersion.semanticVersion} sample={latestVersion} />
          <InstallAndUse
            endpoint={`${endpoint}/${latestVersion.semanticVersion}`}
            sampleInput={latestVersion.sampleInput}
            apiUrl={apiUrl}
          />
        </>
      ) : (
        <NotPublished endpoint={endpoint} canEdit={canEdit} />
      )}
    </div>
  )
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-xs uppercase tracking-wider">{title}</h2>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">{children}</div>
    </section>
  )
}

function Permissions({ algorithm }: { algorithm: AlgorithmView }) {
  return (
    <>
      <Badge>{algorithm.latestVersion?.callability === 'public' ? 'Public' : 'Private'}</Badge>
      <Badge>{LICENSE_LABELS[algorithm.license]}</Badge>
      {algorithm.sourceVisibility === 'open' && <Badge>Open Source</Badge>}
      {algorithm.networkAccess === 'full' && <Badge>Internet Access</Badge>}
      {algorithm.pipelineEnabled && <Badge>Pipelining</Badge>}
    </>
  )
}

function NotPublished({ endpoint, canEdit }: { endpoint: string; canEdit: boolean }) {
  if (!canEdit) return <EmptyState title="Nothing is published yet" />
  return (
    <EmptyState
      title="This algorithm is not published yet"
      actions={
        <LinkButton variant="accent" href={`/algorithms/${endpoint}/source`}>
          Open the Web IDE
        </LinkButton>
      }
    >
      Build it and publish a version: then it can be called, and a queue can be connected to it.
    </EmptyState>
  )
}
