import { Folder } from 'lucide-react'
import { EmptyState } from '@/components/ui/empty-state'
import { LocalTime } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import { collectionHref } from '@/lib/data/links'
import type { CollectionRow } from '@/lib/data/queries'
import { READ_ACCESS_LABELS } from '@/lib/data/read-access'
import { formatCount } from '@/lib/format'

type CollectionTableProps = {
  owner: { name: string; isMine: boolean }
  collections: CollectionRow[]
  search: string
}

export function CollectionTable({ owner, collections, search }: CollectionTableProps) {
  if (collections.length === 0) return <NoCollections search={search} />
  return (
    <div className="rounded-sm border">
      <Table label="Collections">
        <thead>
          <tr>
            <Th>Name</Th>
            <Th>Read Access</Th>
            <Th>Files</Th>
            <Th>Created</Th>
          </tr>
        </thead>
        <tbody className="[&>tr:last-child>td]:border-b-0">
          {collections.map(({ id, name, readAccess, fileCount, createdAt }) => (
            <Tr key={id}>
              <Td>
                <span className="flex items-center gap-3">
                  <Folder aria-hidden className="size-5 shrink-0 fill-current text-ink-soft" />
                  <TextLink href={collectionHref(owner.name, name)} className="font-semibold text-ink">
                    {name}
                  </TextLink>
                </span>
              </Td>
              <Td className="text-ink-soft">{READ_ACCESS_LABELS[readAccess]}</Td>
              <Td className="text-ink-soft">{formatCount(fileCount)}</Td>
              <Td className="whitespace-nowrap text-ink-soft">
                <LocalTime at={createdAt} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}

function NoCollections({ search }: { search: string }) {
  if (search) {
    return (
      <EmptyState title="No collection has this name">None is called “{search}”. Try a part of the name.</EmptyState>
    )
  }
  return (
    <EmptyState title="No collections yet">
      A collection is a folder for files that algorithms read and write. Make the first one with New Collection.
    </EmptyState>
  )
}
