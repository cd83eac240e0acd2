import { Avatar } from '@/components/ui/avatar'
import { CopyButton } from '@/components/ui/copy-button'
import { TextLink } from '@/components/ui/text-link'
import type { AlgorithmView } from '@/lib/algorithms/queries'

/** `OWNER/NAME/VERSION`, which is the endpoint, with its copy button. */
export function ProfileHeader({ algorithm }: { algorithm: AlgorithmView }) {
  const { ownerName, name, endpoint, latestVersion } = algorithm
  const full = latestVersion ? `${endpoint}/${latestVersion.semanticVersion}` : endpoint
  return (
    <header className="mb-6 flex items-center gap-4">
      <Avatar className="size-12 shrink-0" />
      <h1 className="min-w-0 break-words text-xl">
        <TextLink href={`/algorithms?q=${ownerName}`} className="font-bold">
          {ownerName}
        </TextLink>
        {' / '}
        <span className="font-bold">{name}</span>
        {latestVersion && ` / ${latestVersion.semanticVersion}`}
      </h1>
      <CopyButton text={full} label="Copy endpoint" />
    </header>
  )
}
