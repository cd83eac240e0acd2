import { Badge } from '@/components/ui/badge'
import { LinkButton } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { EmptyState } from '@/components/ui/empty-state'
import { LocalTime } from '@/components/ui/local-time'
import { TextLink } from '@/components/ui/text-link'
import type { VersionSummary } from '@/lib/versions/queries'

type Props = { versions: VersionSummary[]; endpoint: string; canEdit: boolean }

/** What was published, newest first, with the notes of each release. */
export function VersionList({ versions, endpoint, canEdit }: Props) {
  if (versions.length === 0) return <NoVersions endpoint={endpoint} canEdit={canEdit} />
  return (
    <ul aria-label="Versions" className="flex flex-col border-t">
      {versions.map((version) => (
        <VersionRow key={version.id} version={version} endpoint={endpoint} canEdit={canEdit} />
      ))}
    </ul>
  )
}

function VersionRow({ version, endpoint, canEdit }: { version: VersionSummary; endpoint: string; canEdit: boolean }) {
  const commit = <span className="font-mono text-sm">{version.build.commitSha.slice(0, 8)}</span>
  return (
    <li className="flex flex-col gap-2 border-b px-3 py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h2 className="font-bold text-lg">{version.semanticVersion}</h2>
        <Badge tone={version.callability === 'public' ? 'info' : 'neutral'}>
          {version.callability === 'public' ? 'Public' : 'Private'}
        </Badge>
        <CopyButton
          text={`${endpoint}/${version.semanticVersion}`}
          label={`Copy endpoint of ${version.semanticVersion}`}
        />
        <span className="text-ink-soft">
          Published <LocalTime at={version.createdAt} />
        </span>
        <span className="text-ink-soft">
          Commit{' '}
          {canEdit ? <TextLink href={`/algorithms/${endpoint}/builds/${version.build.id}`}>{commit}</TextLink> : commit}
        </span>
      </div>
      <p className="max-w-3xl whitespace-pre-wrap break-words">
        {version.releaseNotes || <span className="text-ink-soft">No release notes.</span>}
      </p>
    </li>
  )
}

function NoVersions({ endpoint, canEdit }: { endpoint: string; canEdit: boolean }) {
  return (
    <EmptyState
      title="No version is published yet"
      actions={
        canEdit && (
          <LinkButton variant="accent" href={`/algorithms/${endpoint}/builds`}>
            See the builds
          </LinkButton>
        )
      }
    >
      A version is a build with a number that others, and event flows, can rely on.
    </EmptyState>
  )
}
