import { BookOpen } from 'lucide-react'
import type { Metadata } from 'next'
import { ApiGuide } from '@/components/docs/api-guide'
import { FlowGuide } from '@/components/docs/flow-guide'
import { PageHeader } from '@/components/ui/page-header'
import { env } from '@/lib/env'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Docs' }

export default async function DocsPage() {
  const { actor } = await requireContext()
  return (
    <>
      <PageHeader
        title="Docs"
        icon={<BookOpen aria-hidden />}
        description="From a queue to running code, and the same over HTTP. How the program is built is in its repository, in the folder docs."
      />
      <div className="flex max-w-3xl flex-col gap-14">
        <FlowGuide owner={actor.name} />
        <ApiGuide owner={actor.name} baseUrl={env().NEXTAUTH_URL} />
      </div>
    </>
  )
}
