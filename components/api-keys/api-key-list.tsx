import { KeyRound } from 'lucide-react'
import { Badge } from '@/components/ui/badge'
import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { LocalTime, TimeAgo } from '@/components/ui/local-time'
import type { ApiKeyRow } from '@/lib/api-keys/queries'
import { algorithmAccessLabels, dataAccessLabels } from '@/lib/api-keys/words'
import { ApiKeyMenu } from './api-key-menu'

export function ApiKeyList({ keys, isFiltered }: { keys: ApiKeyRow[]; isFiltered: boolean }) {
  if (keys.length === 0 && isFiltered) {
    return <EmptyState title="No key has such a label">Change the filter to see other keys.</EmptyState>
  }
  if (keys.length === 0) {
    return (
      <EmptyState
        title="You have no API key"
        actions={
          <LinkButton variant="accent" href="/account/api-keys/new">
            Create an API key
          </LinkButton>
        }
      >
        Programs use a key to call your algorithms and to store data over HTTP. The console itself needs none.
      </EmptyState>
    )
  }
  return (
    <ul className="flex flex-col">
      {keys.map((key) => (
        <li key={key.id} className="flex items-start gap-4 border-b py-4">
          <KeyRound aria-hidden className="mt-1 size-5 shrink-0 text-ink-soft" />
          <div className="flex min-w-0 flex-1 flex-col gap-1.5">
            <p className="break-words font-bold">{key.label}</p>
            <p className="font-mono text-ink-soft text-sm">{key.mask}•••</p>
            <p className="flex flex-wrap gap-2">
              <Badge>Algorithm Access: {algorithmAccessLabels[key.algorithmAccess]}</Badge>
              <Badge>Data Access: {dataAccessLabels[key.dataAccess]}</Badge>
              {key.canManage && <Badge tone="info">Management Capable</Badge>}
            </p>
            <p className="text-ink-soft text-sm">
              Created on <LocalTime at={key.createdAt} />
              {' · '}
              {key.lastUsedAt ? (
                <>
                  last used <TimeAgo at={key.lastUsedAt} />
                </>
              ) : (
                'never used'
              )}
            </p>
          </div>
          <ApiKeyMenu keyId={key.id} label={key.label} />
        </li>
      ))}
    </ul>
  )
}
