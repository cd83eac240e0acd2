'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { toast } from 'sonner'
import { Modal } from '@/components/ui/dialog'
import { FormError } from '@/components/ui/field'
import { SkeletonRows } from '@/components/ui/skeleton'
import { useAction } from '@/components/ui/use-action'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { getPublicationDraftAction, publishVersionAction } from '@/lib/versions/actions'
import type { PublicationDraft } from '@/lib/versions/queries'
import { ChangesStep } from './changes-step'
import { ExampleStep } from './example-step'
import { emptyPublication, type Publication } from './publication'
import { PublishSteps } from './publish-steps'
import { SettingsStep } from './settings-step'

type Props = { path: AlgorithmPath; buildId: string; onClose: () => void }

/** The way from a build to a version, in three steps. Publishing leads to the algorithm's profile. */
export function PublishDialog({ path, buildId, onClose }: Props) {
  const router = useRouter()
  const { run: load, error: loadError } = useAction(getPublicationDraftAction)
  const [draft, setDraft] = useState<PublicationDraft>()
  const { owner, name } = path

  // biome-ignore lint/correctness/useExhaustiveDependencies: the draft is read once, when the dialog opens
  useEffect(() => load({ owner, name, buildId }, setDraft), [])

  function showProfile(endpoint: string) {
    toast.success(`Published ${endpoint}`)
    router.push(`/algorithms/${owner}/${name}`)
    router.refresh()
    onClose()
  }

  return (
    <Modal isOpen onOpenChange={(isOpen) => !isOpen && onClose()} title={`Publish ${owner}/${name}`}>
      <FormError message={loadError} />
      {draft ? (
        <PublishForm path={path} draft={draft} onPublished={showProfile} />
      ) : (
        !loadError && <SkeletonRows label="Reading the commits" />
      )}
    </Modal>
  )
}

type FormProps = { path: AlgorithmPath; draft: PublicationDraft; onPublished: (endpoint: string) => void }

function PublishForm({ path, draft, onPublished }: FormProps) {
  const [step, setStep] = useState(1)
  const [publication, setPublication] = useState<Publication>(() => emptyPublication(draft))
  const { run, isPending, error, fields } = useAction(publishVersionAction)
  const change = (part: Partial<Publication>) => setPublication((before) => ({ ...before, ...part }))

  function publish() {
    run({ ...path, buildId: draft.buildId, ...publication }, ({ endpoint }) => onPublished(endpoint))
  }

  const stepProps = { draft, publication, onChange: change }
  return (
    <>
      <PublishSteps current={step} onChoose={setStep} />
      {step === 1 && <ChangesStep {...stepProps} onContinue={() => setStep(2)} />}
      {step === 2 && <ExampleStep {...stepProps} path={path} onBack={() => setStep(1)} onContinue={() => setStep(3)} />}
      {step === 3 && (
        <SettingsStep
          {...stepProps}
          onBack={() => setStep(2)}
          onPublish={publish}
          isPending={isPending}
          error={error ?? Object.values(fields)[0]}
        />
      )}
    </>
  )
}
