import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { LocalTime } from '@/components/ui/local-time'
import { Pager } from '@/components/ui/pager'
import { Spinner } from '@/components/ui/spinner'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import { PublishButton } from '@/components/versions/publish-button'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import type { BuildSummary } from '@/lib/builds/queries'
import { BUILDS_PER_PAGE, isFinished } from '@/lib/builds/schema'
import { formatClock } from '@/lib/format'
import { BuildMenu } from './build-menu'
import { BuildStatusDot } from './build-status'

type Props = {
  path: AlgorithmPath
  builds: BuildSummary[]
  total: number
  page: number
  isFiltered: boolean
  searchParams: Record<string, string | string[] | undefined>
}

export function BuildTable({ path, builds, total, page, isFiltered, searchParams }: Props) {
  const base = `/algorithms/${path.owner}/${path.name}`
  if (total === 0) return isFiltered ? <NothingFound base={base} /> : <NoBuilds base={base} />
  return (
    <>
      <Table label="Builds" className="min-w-[46rem]">
        <thead>
          <tr>
            <Th>Git Hash</Th>
            <Th>Started</Th>
            <Th>Finished</Th>
            <Th className="text-right">Duration</Th>
            <Th>Status</Th>
            <Th className="text-right">Version</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {builds.map((build) => (
            <BuildRow key={build.id} build={build} path={path} />
          ))}
        </tbody>
      </Table>
      <Pager page={page} pageSize={BUILDS_PER_PAGE} total={total} searchParams={searchParams} />
    </>
  )
}

function BuildRow({ build, path }: { build: BuildSummary; path: AlgorithmPath }) {
  const href = `/algorithms/${path.owner}/${path.name}/builds/${build.id}`
  return (
    <Tr>
      <Td>
        <TextLink
          href={href}
          title={build.commitSha}
          className="block max-w-52 truncate font-mono text-sm 2xl:max-w-none"
        >
          {build.commitSha}
        </TextLink>
      </Td>
      <Td className="min-w-32 2xl:whitespace-nowrap">{build.startedAt ? <LocalTime at={build.startedAt} /> : '-'}</Td>
      <Td className="min-w-32 2xl:whitespace-nowrap">
        <Finished build={build} />
      </Td>
      <Td className="text-right tabular-nums">{buildDuration(build)}</Td>
      <Td>
        <BuildStatusDot status={build.status} />
      </Td>
      <Td className="text-right">
        {build.semanticVersion ?? (build.isPublishable ? <PublishButton path={path} buildId={build.id} isLink /> : '-')}
      </Td>
      <Td className="w-10">
        <BuildMenu href={href} commitSha={build.commitSha} />
      </Td>
    </Tr>
  )
}

function Finished({ build }: { build: BuildSummary }) {
  if (build.finishedAt) return <LocalTime at={build.finishedAt} />
  if (isFinished(build.status)) return '-'
  return (
    <>
      <Spinner />
      <span className="sr-only">Not finished yet</span>
    </>
  )
}

/** `0:06`; a dash until it is known. */
export function buildDuration(build: { startedAt: Date | null; finishedAt: Date | null }): string {
  if (!build.startedAt || !build.finishedAt) return '-'
  return formatClock(build.finishedAt.getTime() - build.startedAt.getTime())
}

function NoBuilds({ base }: { base: string }) {
  return (
    <EmptyState
      title="Nothing was built yet"
      actions={
        <LinkButton variant="accent" href={`${base}/source`}>
          Open the Web IDE
        </LinkButton>
      }
    >
      A build makes a commit of the source runnable. Start one with Build in the Web IDE.
    </EmptyState>
  )
}

function NothingFound({ base }: { base: string }) {
  return (
    <EmptyState title="No build matches" actions={<LinkButton href={`${base}/builds`}>Show all builds</LinkButton>}>
      The filter looks at the start of the Git hash.
    </EmptyState>
  )
}
