import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { Mark } from '@/components/shell/brand'
import { SignInForm } from '@/components/shell/sign-in-form'
import type { SearchParams } from '@/components/ui/pager'
import { callbackPath } from '@/lib/web/callback-path'
import { currentContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const destination = callbackPath((await searchParams).callbackUrl)
  if (await currentContext()) redirect(destination)
  return (
    <main className="flex min-h-dvh items-center justify-center bg-side px-4 py-10">
      <div className="flex w-full max-w-sm flex-col gap-6 rounded-md border bg-panel p-8 shadow-raised">
        <div className="flex items-center gap-3 font-bold text-lg uppercase tracking-[0.14em]">
          <Mark className="size-8" />
          Headrace
        </div>
        <h1 className="font-bold text-2xl">Sign in</h1>
        <SignInForm destination={destination} />
      </div>
    </main>
  )
}
