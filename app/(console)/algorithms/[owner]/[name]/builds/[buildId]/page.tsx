import { BuildDetail } from '@/components/builds/build-detail'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { getBuild } from '@/lib/builds/queries'
import { BuildPath, isFinished } from '@/lib/builds/schema'
import { notFound } from '@/lib/errors'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

type Props = { params: Promise<BuildPath> }

export default async function BuildPage({ params }: Props) {
  const path = BuildPath.safeParse(await params)
  const ctx = await requireContext()
  const build = await orNotFound(path.success ? getBuild(ctx, path.data) : Promise.reject(notFound('build')))
  return (
    <>
      <BuildDetail build={build} />
      {!isFinished(build.status) && <LiveRefresh topics={[`build:${build.id}`]} />}
    </>
  )
}
