'use client'

import { useRouter } from 'next/navigation'
import { LinkButton } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'

/** What comes after creating an algorithm. Closing it leads to the profile: the form has done its work. */
export function CreatedDialog({ owner, name }: { owner: string; name: string }) {
  const router = useRouter()
  const profile = `/algorithms/${owner}/${name}`
  return (
    <Dialog
      isOpen
      onOpenChange={() => router.push(profile)}
      title={`Successfully created ${owner}/${name}`}
      description="It says hello already. Change its code, build it, publish a version, then connect a queue to it."
    >
      <section className="flex flex-col items-start gap-3">
        <h3 className="font-bold">Work in the Web IDE</h3>
        <p className="text-ink-soft">Edit, build, test and publish in the browser.</p>
        <div className="flex flex-wrap gap-3">
          <LinkButton variant="primary" href={`${profile}/source`}>
            Web IDE
          </LinkButton>
          <LinkButton href={profile}>View Profile</LinkButton>
        </div>
      </section>
    </Dialog>
  )
}
