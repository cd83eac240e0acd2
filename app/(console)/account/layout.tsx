import type { ReactNode } from 'react'
import { LinkTabs } from '@/components/ui/link-tabs'
import { PageHeader } from '@/components/ui/page-header'
import { getProfile } from '@/lib/accounts/queries'
import { requireContext } from '@/lib/web/session'

const tabs = [
  { href: '/account', label: 'Settings', isExact: true },
  { href: '/account/api-keys', label: 'API Keys' },
]

export default async function AccountLayout({ children }: { children: ReactNode }) {
  const profile = await getProfile(await requireContext())
  return (
    <>
      <PageHeader title={profile.displayName} description={profile.name} />
      <LinkTabs items={tabs} label="Account" />
      <div className="pt-8">{children}</div>
    </>
  )
}
