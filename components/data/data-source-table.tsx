import { Folder, FolderOpen } from 'lucide-react'
import type { ReactNode } from 'react'
import { EmptyState } from '@/components/ui/empty-state'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import { collectionHref, ownerHref } from '@/lib/data/links'
import type { FoundCollection, OwnerRow } from '@/lib/data/queries'

/** The accounts that hold data; while searching, their collections of that name too. */
export function DataSourceTable({
  owners,
  collections,
  search,
}: {
  owners: OwnerRow[]
  collections: FoundCollection[]
  search: string
}) {
  const rows = [
    ...owners.filter((owner) => matches(owner, search)).map((owner) => <OwnerLine key={owner.id} owner={owner} />),
    ...collections.map((collection) => <CollectionLine key={collection.id} collection={collection} />),
  ]
  if (rows.length === 0) {
    return (
      <EmptyState title="Nothing has this name">
        No data source and none of your collections is called “{search}”. Try a part of the name.
      </EmptyState>
    )
  }
  return (
    <div className="rounded-sm border">
      <Table label="Data sources">
        <thead>
          <tr>
            <Th>Name</Th>
            <Th>Owner</Th>
            <Th>Path</Th>
          </tr>
        </thead>
        <tbody className="[&>tr:last-child>td]:border-b-0">{rows}</tbody>
      </Table>
    </div>
  )
}

function OwnerLine({ owner }: { owner: OwnerRow }) {
  return (
    <Line
      icon={<Folder aria-hidden className="size-5 shrink-0 fill-current text-ink-soft" />}
      href={ownerHref(owner.name)}
      name={sourceName(owner)}
      owner={owner.isMine ? 'me' : owner.displayName}
      path={owner.uri}
    />
  )
}

function CollectionLine({ collection }: { collection: FoundCollection }) {
  const { name, owner, uri } = collection
  return (
    <Line
      icon={<FolderOpen aria-hidden className="size-5 shrink-0 text-ink-soft" />}
      href={collectionHref(owner.name, name)}
      name={name}
      owner={owner.isMine ? 'me' : owner.displayName}
      path={uri}
    />
  )
}

function Line(props: { icon: ReactNode; href: string; name: string; owner: string; path: string }) {
  return (
    <Tr>
      <Td>
        <span className="flex items-center gap-3">
          {props.icon}
          <TextLink href={props.href} className="font-semibold text-ink">
            {props.name}
          </TextLink>
        </span>
      </Td>
      <Td className="text-ink-soft">{props.owner}</Td>
      <Td className="text-ink-soft">{props.path}</Td>
    </Tr>
  )
}

function sourceName(owner: OwnerRow): string {
  return owner.isMine ? 'My Hosted Data' : owner.displayName
}

function matches(owner: OwnerRow, search: string): boolean {
  return `${sourceName(owner)} ${owner.name} ${owner.uri}`.toLowerCase().includes(search.toLowerCase())
}
