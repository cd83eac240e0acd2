import { ArrowLeft, Download } from 'lucide-react'
import type { ReactNode } from 'react'
import { LinkButton } from '@/components/ui/button'
import { CodeBlock } from '@/components/ui/code-block'
import { CopyButton } from '@/components/ui/copy-button'
import { FormError } from '@/components/ui/field'
import { LocalTime } from '@/components/ui/local-time'
import { PublishButton } from '@/components/versions/publish-button'
import type { BuildView } from '@/lib/builds/queries'
import { isFinished } from '@/lib/builds/schema'
import { formatBytes } from '@/lib/format'
import { BuildLogView } from './build-log-view'
import { BuildStatusDot } from './build-status'
import { buildDuration } from './build-table'
import { CancelBuildButton } from './cancel-build-button'

/** Everything about one build. */
export function BuildDetail({ build }: { build: BuildView }) {
  const path = { owner: build.algorithm.ownerName, name: build.algorithm.name }
  const base = `/algorithms/${build.algorithm.endpoint}/builds`
  return (
    <div className="flex flex-col gap-8">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <LinkButton href={base}>
          <ArrowLeft aria-hidden className="size-4" />
          Build List
        </LinkButton>
        {build.isPublishable && <PublishButton path={path} buildId={build.id} />}
        {!isFinished(build.status) && <CancelBuildButton path={path} buildId={build.id} />}
      </div>
      <dl className="grid gap-x-12 gap-y-6 sm:grid-cols-2">
        <Fact label="Git Hash">
          <span className="break-all font-mono text-sm">{build.commitSha}</span>
          <CopyButton text={build.commitSha} label="Copy Git hash" />
        </Fact>
        <Fact label="Started">{build.startedAt ? <LocalTime at={build.startedAt} /> : '-'}</Fact>
        <Fact label="Status">
          <BuildStatusDot status={build.status} />
          {build.queuePosition !== null && <span>number {build.queuePosition} in the queue</span>}
        </Fact>
        <Fact label="Finished">{build.finishedAt ? <LocalTime at={build.finishedAt} /> : '-'}</Fact>
        <Fact label="Semantic Version">{build.semanticVersion ?? '-'}</Fact>
        <Fact label="Duration">{buildDuration(build)}</Fact>
        <Fact label="Environment">{environmentText(build)}</Fact>
        <Fact label="Callability">{CALLABILITY_LABELS[build.callability ?? 'none']}</Fact>
      </dl>
      <Outcome build={build} />
      <section className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center justify-between gap-4">
          <h2 className="font-bold text-xl">Build compilation logs</h2>
          <LinkButton variant="link" href={`${base}/${build.id}/log`} prefetch={false} download>
            <Download aria-hidden className="size-4" />
            Download Logs
          </LinkButton>
        </div>
        <BuildLogView log={build.log} status={build.status} />
      </section>
      {build.packageEnvironment && <InstalledPackages {...build.packageEnvironment} />}
    </div>
  )
}

/** Why it has no result: a cancel is no error. */
function Outcome({ build }: { build: BuildView }) {
  if (build.status !== 'cancelled') return <FormError message={build.error ?? undefined} />
  return <p className="rounded-sm border bg-side px-3 py-2">{build.error}</p>
}

function environmentText({ environmentName, interpreterVersion }: BuildView): string {
  return environmentName ? `${environmentName} (${interpreterVersion})` : '-'
}

type Packages = NonNullable<BuildView['packageEnvironment']>

function InstalledPackages({ installer, packages, sizeBytes }: Packages) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="font-bold text-xl">Installed packages</h2>
      <p className="text-ink-soft">
        Installed with {installer}; {formatBytes(sizeBytes)}. Builds that need the same packages share them.
      </p>
      <CodeBlock text={packages} label="installed packages" />
    </section>
  )
}

const CALLABILITY_LABELS = { public: 'Public', private: 'Private', none: '-' }

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="font-semibold">{label}</dt>
      <dd className="flex min-h-9 items-center gap-1">{children}</dd>
    </div>
  )
}
