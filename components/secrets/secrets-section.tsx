import { KeyRound } from 'lucide-react'
import { LinkButton } from '@/components/ui/button'
import { Card, Section } from '@/components/ui/card'
import { TimeAgo } from '@/components/ui/local-time'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import type { SecretView } from '@/lib/secrets/queries'
import { RemoveSecretButton } from './remove-secret-button'

type Props = { path: AlgorithmPath; secrets: SecretView[] }

/** An algorithm's secrets: all about them but their values. */
export function SecretsSection({ path, secrets }: Props) {
  const base = `/algorithms/${path.owner}/${path.name}/settings/secrets`
  return (
    <Section
      title="Secrets"
      description={
        <>
          Secrets are environment variables that are <strong>encrypted</strong> and only given to this algorithm while
          it runs. Whoever may edit the algorithm can use them in it, but nobody can see their values here again.
        </>
      }
      actions={
        <LinkButton variant="accent" href={`${base}/new`}>
          New secret
        </LinkButton>
      }
    >
      {secrets.length === 0 ? (
        <Card className="px-6 py-8 text-center text-ink-soft">There are no secrets for this algorithm.</Card>
      ) : (
        <Card>
          <ul aria-label="Secrets" className="divide-y">
            {secrets.map((secret) => (
              <SecretRow key={secret.id} secret={secret} path={path} href={`${base}/${secret.id}`} />
            ))}
          </ul>
        </Card>
      )}
    </Section>
  )
}

function SecretRow({ secret, path, href }: { secret: SecretView; path: AlgorithmPath; href: string }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-5 gap-y-1">
          <span className="break-words font-bold">{secret.displayName}</span>
          <span className="inline-flex items-center gap-2 break-all font-mono text-ink-soft">
            <KeyRound aria-hidden className="size-4 shrink-0" />
            {secret.environmentName}
          </span>
        </div>
        {secret.description && <p className="text-ink-soft">{secret.description}</p>}
      </div>
      <div className="flex flex-wrap items-center gap-4">
        <span className="text-ink-soft">
          Updated <TimeAgo at={secret.updatedAt} />
        </span>
        <LinkButton href={href} aria-label={`Update ${secret.displayName}`}>
          Update
        </LinkButton>
        <RemoveSecretButton path={path} secretId={secret.id} displayName={secret.displayName} />
      </div>
    </li>
  )
}
