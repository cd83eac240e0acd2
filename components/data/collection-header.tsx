import { CopyButton } from '@/components/ui/copy-button'
import type { CollectionDetails } from '@/lib/data/queries'
import { READ_ACCESS_LABELS } from '@/lib/data/read-access'
import { CollectionMenu } from './collection-menu'
import { DataBreadcrumb } from './data-breadcrumb'

export function CollectionHeader({ collection }: { collection: CollectionDetails }) {
  const { name, owner, uri, readAccess, mayWrite } = collection
  return (
    <header className="mb-8 flex flex-col gap-4">
      <div className="flex items-start justify-between gap-4">
        <DataBreadcrumb owner={owner.name} collection={name}>
          <CopyButton text={uri} label="Copy Path" />
        </DataBreadcrumb>
        <CollectionMenu owner={owner.name} collection={name} uri={uri} readAccess={readAccess} mayWrite={mayWrite} />
      </div>
      <p className="flex flex-wrap gap-x-8 gap-y-1 text-ink-soft">
        <span>Owner: {owner.displayName}</span>
        <span>Read Access: {READ_ACCESS_LABELS[readAccess]}</span>
      </p>
    </header>
  )
}
