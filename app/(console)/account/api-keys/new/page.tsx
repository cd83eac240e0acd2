import type { Metadata } from 'next'
import { ApiKeyForm } from '@/components/api-keys/api-key-form'
import { Breadcrumbs } from '@/components/ui/page-header'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'New API Key' }

export default async function NewApiKeyPage() {
  await requireContext()
  return (
    <div className="max-w-2xl">
      <Breadcrumbs items={[{ label: 'API Keys', href: '/account/api-keys' }, { label: 'New API Key' }]} />
      <h2 className="mb-2 font-bold text-2xl">Create a new API key</h2>
      <p className="mb-8 text-ink-soft">
        API keys are how programs authenticate, allowing them to call algorithms and interact with the data API.
      </p>
      <ApiKeyForm />
    </div>
  )
}
