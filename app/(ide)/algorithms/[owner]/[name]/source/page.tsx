import type { Metadata } from 'next'
import { SandboxBanner } from '@/components/admin/sandbox-banner'
import { WebIde } from '@/components/source/web-ide'
import { Toaster } from '@/components/ui/toaster'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { getSource } from '@/lib/algorithms/source/queries'
import { DEPENDENCY_FILES, mainFile } from '@/lib/algorithms/source/templates'
import { getLatestBuilds } from '@/lib/builds/queries'
import { cloneUrlOf } from '@/lib/git/clone-url'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

/** Readers of open source see the text only. */
const NO_BUILDS = { unfinishedId: null, runnableSha: null, publishable: null }

type Props = { params: Promise<AlgorithmPath> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  return { title: `Source of ${owner}/${name}` }
}

export default async function SourcePage({ params }: Props) {
  const path = await params
  const ctx = await requireContext()
  const { algorithm, headSha, files, isUntouched } = await orNotFound(getSource(ctx, path))
  const { language } = algorithm.environment
  return (
    <div className="flex h-dvh flex-col">
      <SandboxBanner className="m-3 shrink-0" />
      <WebIde
        owner={algorithm.ownerName}
        name={algorithm.name}
        language={language}
        mainPath={mainFile(language, algorithm.name)}
        dependencies={DEPENDENCY_FILES[language]}
        canEdit={algorithm.canEdit}
        cloneUrl={cloneUrlOf(algorithm.endpoint)}
        source={{ headSha, files, isUntouched }}
        builds={algorithm.canEdit ? await getLatestBuilds(ctx, path) : NO_BUILDS}
      />
      <Toaster />
    </div>
  )
}
