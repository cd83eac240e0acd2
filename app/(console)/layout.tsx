import type { ReactNode } from 'react'
import { SandboxBanner } from '@/components/admin/sandbox-banner'
import { ConsoleShell } from '@/components/shell/console-shell'
import { Toaster } from '@/components/ui/toaster'
import { getProfile } from '@/lib/accounts/queries'
import { requireContext } from '@/lib/web/session'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const profile = await getProfile(await requireContext())
  return (
    <ConsoleShell user={{ name: profile.name, displayName: profile.displayName, isAdmin: profile.isAdmin }}>
      <SandboxBanner className="mb-6" />
      {children}
      <Toaster />
    </ConsoleShell>
  )
}
