import type { Metadata } from 'next'
import { RuntimeSettingsForm } from '@/components/admin/runtime-settings-form'
import { PageHeader } from '@/components/ui/page-header'
import { getRuntimeSettings, usualMemoryBudgetMib } from '@/lib/settings/queries'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Settings' }

export default async function SettingsPage() {
  const settings = await orNotFound(getRuntimeSettings(await requireContext()))
  return (
    <>
      <PageHeader title="Settings" description="What algorithms may use on this installation." />
      <RuntimeSettingsForm settings={settings} usualBudgetMib={usualMemoryBudgetMib()} />
    </>
  )
}
