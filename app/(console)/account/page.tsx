import type { Metadata } from 'next'
import { PasswordForm } from '@/components/accounts/password-form'
import { ProfileForm } from '@/components/accounts/profile-form'
import { Section } from '@/components/ui/card'
import { getProfile } from '@/lib/accounts/queries'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Account' }

export default async function AccountPage() {
  const profile = await getProfile(await requireContext())
  return (
    <div className="flex max-w-xl flex-col gap-12">
      <Section
        title="Profile"
        description={
          <>
            Your user name is <strong className="text-ink">{profile.name}</strong>; it stands in the path of everything
            you own and stays as it is.
          </>
        }
      >
        <ProfileForm displayName={profile.displayName} email={profile.email ?? ''} />
      </Section>
      <Section title="Password" description="A new password signs you out everywhere; sign in again with it.">
        <PasswordForm />
      </Section>
    </div>
  )
}
