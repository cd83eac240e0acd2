import { ChevronLeft } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { ChoiceCards } from '@/components/ui/choice-cards'
import { FormError } from '@/components/ui/field'
import { type Callability, formatSemanticVersion, nextSemanticVersion, type VersionBump } from '@/lib/versions/schema'
import type { StepProps } from './publication'

type Props = StepProps & { onBack: () => void; onPublish: () => void; isPending: boolean; error?: string }

const BUMPS: { value: VersionBump; label: string; meaning: string }[] = [
  { value: 'major', label: 'Major', meaning: 'Changes that break callers' },
  { value: 'minor', label: 'Minor', meaning: 'New features; callers still work' },
  { value: 'revision', label: 'Revision', meaning: 'Corrections' },
]

/** Step 3: who may call the version, and its number. */
export function SettingsStep({ draft, publication, onChange, onBack, onPublish, isPending, error }: Props) {
  const { bump, callability } = publication
  const number = (kind: VersionBump) => formatSemanticVersion(nextSemanticVersion(draft.last, kind))
  const isCallabilityFixed = draft.last !== null && bump !== 'major'

  function chooseBump(next: VersionBump) {
    const kept = draft.last && next !== 'major' ? draft.last.callability : callability
    onChange({ bump: next, callability: kept })
  }

  return (
    <>
      <section className="flex flex-col gap-6">
        <h3 className="font-bold text-xl">Settings</h3>
        <ChoiceCards
          name="bump"
          legend="Semantic version"
          value={bump}
          onChange={(value) => chooseBump(value as VersionBump)}
          choices={BUMPS.map(({ value, label, meaning }) => ({
            value,
            label: `${label} ${number(value)}`,
            description: meaning,
          }))}
        />
        <ChoiceCards
          name="callability"
          legend="Callability"
          value={callability}
          onChange={(value) => onChange({ callability: value as Callability })}
          help={
            isCallabilityFixed
              ? 'Who may call changes at a major version only.'
              : 'An algorithm with a public version can not be deleted.'
          }
          choices={[
            { value: 'public', label: 'Public', description: 'Anyone may call it.', isDisabled: isCallabilityFixed },
            { value: 'private', label: 'Private', description: 'Only owners may.', isDisabled: isCallabilityFixed },
          ]}
        />
      </section>
      <FormError message={error} />
      <div className="flex flex-wrap justify-between gap-4 border-t pt-6">
        <Button onClick={onBack}>
          <ChevronLeft aria-hidden className="size-4" />
          Previous Step
        </Button>
        <Button variant="primary" onClick={onPublish} isPending={isPending}>
          Publish Version {number(bump)}
        </Button>
      </div>
    </>
  )
}
