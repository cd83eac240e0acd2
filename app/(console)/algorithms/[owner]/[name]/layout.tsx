import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { ProfileHeader } from '@/components/algorithms/profile-header'
import { ProfileTabs } from '@/components/algorithms/profile-tabs'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { type AlgorithmProps, loadAlgorithm } from './load'

export async function generateMetadata({ params }: AlgorithmProps): Promise<Metadata> {
  const { owner, name } = await params
  return { title: `${owner}/${name}` }
}

export default async function ProfileLayout({ params, children }: AlgorithmProps & { children: ReactNode }) {
  const { owner, name } = await params
  const algorithm = await loadAlgorithm(owner, name)
  return (
    <>
      <ProfileHeader algorithm={algorithm} />
      <ProfileTabs endpoint={algorithm.endpoint} canEdit={algorithm.canEdit} canReadSource={algorithm.canReadSource} />
      <div className="pt-8">{children}</div>
      {algorithm.canEdit && <LiveRefresh topics={[`algorithm:${algorithm.id}`]} />}
    </>
  )
}
