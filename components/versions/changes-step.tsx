import { ChevronRight } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { TextareaField } from '@/components/ui/field'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { StepProps } from './publication'

/** Step 1: what changed, in commits and in words. */
export function ChangesStep({ draft, publication, onChange, onContinue }: StepProps & { onContinue: () => void }) {
  return (
    <>
      <section className="flex flex-col gap-4">
        <h3 className="font-bold text-xl">Changes</h3>
        <p className="text-ink-soft">{countCommits(draft.commits.length, draft.last !== null)}</p>
        {draft.commits.length > 0 && (
          <div className="max-h-80 overflow-y-auto">
            <Table label="Commits">
              <thead>
                <tr>
                  <Th className="w-40">Commit</Th>
                  <Th>Message</Th>
                </tr>
              </thead>
              <tbody>
                {draft.commits.map(({ sha, message }) => (
                  <Tr key={sha}>
                    <Td className="font-mono text-ink-soft">{sha.slice(0, 8)}</Td>
                    <Td className="break-words">{message.split('\n')[0]}</Td>
                  </Tr>
                ))}
              </tbody>
            </Table>
          </div>
        )}
      </section>
      <TextareaField
        name="releaseNotes"
        label="Release Notes"
        help="Tell the users of this algorithm what is new. They find the notes under Versions."
        value={publication.releaseNotes}
        onChange={(event) => onChange({ releaseNotes: event.target.value })}
      />
      <div className="flex justify-end border-t pt-6">
        <Button variant="primary" onClick={onContinue}>
          Continue
          <ChevronRight aria-hidden className="size-4" />
        </Button>
      </div>
    </>
  )
}

function countCommits(count: number, isPublished: boolean): string {
  if (!isPublished) return count === 1 ? 'This is the first commit.' : `There are ${count} commits so far.`
  if (count === 0) return 'There have been no commits since your last published version.'
  if (count === 1) return 'There has been 1 commit since your last published version.'
  return `There have been ${count} commits since your last published version.`
}
