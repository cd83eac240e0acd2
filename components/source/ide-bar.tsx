'use client'

import { ArrowLeft, CloudUpload, Save, Wrench } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type MouseEvent, useState } from 'react'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'

type Props = {
  profile: string
  fileName: string
  /** Shown once there is a commit beyond the first. */
  commitSha: string | null
  canEdit: boolean
  isDirty: boolean
  busy: 'saving' | 'building' | null
  isBuilding: boolean
  /** Why nothing can be published now; null when something can. */
  publishHint: string | null
  onDiscard: () => void
  onDependencies: () => void
  onHistory: () => void
  onClone: () => void
  onSave: () => void
  onBuild: () => void
  onPublish: () => void
}

/** The bar above the editor. */
export function IdeBar(props: Props) {
  return (
    <header className="flex flex-wrap items-center gap-x-8 gap-y-3 border-b bg-side px-4 py-3">
      <ExitLink href={props.profile} isDirty={props.isDirty} onDiscard={props.onDiscard} />
      <div className="mr-auto min-w-0">
        <h1 className="break-all font-bold text-xl leading-tight">{props.fileName}</h1>
        <p className="min-h-5 text-ink-soft text-sm">
          {props.commitSha && <>latest commit: {props.commitSha.slice(0, 8)}...</>}
        </p>
      </div>
      <div className="flex flex-wrap gap-3 [&_button]:uppercase">
        <Button onClick={props.onClone}>Clone</Button>
        <Button onClick={props.onHistory}>History</Button>
        <Button onClick={props.onDependencies}>Dependencies</Button>
        {props.canEdit && <WriteButtons {...props} />}
      </div>
    </header>
  )
}

function WriteButtons({ isDirty, busy, isBuilding, publishHint, onSave, onBuild, onPublish }: Props) {
  return (
    <>
      <Button variant="primary" onClick={onSave} isPending={busy === 'saving'} disabled={!isDirty || busy !== null}>
        <Save aria-hidden className="size-4" />
        Save
      </Button>
      <Button
        className="border-success bg-success text-panel hover:bg-success hover:brightness-90"
        onClick={onBuild}
        isPending={busy === 'building' || isBuilding}
        disabled={busy !== null}
      >
        <Wrench aria-hidden className="size-4" />
        Build
      </Button>
      <Button
        className="border-rail bg-rail text-on-rail hover:bg-rail hover:brightness-125 dark:border-on-rail dark:bg-on-rail dark:text-rail dark:hover:bg-on-rail dark:hover:brightness-90"
        onClick={onPublish}
        disabled={publishHint !== null}
        title={publishHint ?? undefined}
      >
        <CloudUpload aria-hidden className="size-4" />
        Publish
      </Button>
    </>
  )
}

/** Leads back to the profile, but asks before unsaved changes are lost. */
function ExitLink({ href, isDirty, onDiscard }: { href: string; isDirty: boolean; onDiscard: () => void }) {
  const router = useRouter()
  const [isAsking, setAsking] = useState(false)

  function leave(event: MouseEvent) {
    if (!isDirty || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    setAsking(true)
  }

  return (
    <>
      <Link href={href} onClick={leave} className="flex items-center gap-3 font-semibold uppercase">
        <ArrowLeft aria-hidden className="size-5" />
        Exit IDE
      </Link>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title="Leave without saving?"
        confirmLabel="Leave"
        onConfirm={() => {
          onDiscard()
          router.push(href)
        }}
      >
        There are unsaved changes. They are lost when you leave.
      </ConfirmDialog>
    </>
  )
}
