import { FileText } from 'lucide-react'
import { EmptyState } from '@/components/ui/empty-state'
import { LocalTime } from '@/components/ui/local-time'
import type { SearchParams } from '@/components/ui/pager'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import type { CollectionDetails, FileRow } from '@/lib/data/queries'
import { formatBytes } from '@/lib/format'
import { FileMenu } from './file-menu'

type FileTableProps = {
  collection: CollectionDetails
  files: FileRow[]
  searchParams: SearchParams
  search: string
  /** The file whose contents stand below. */
  shownFile: string | undefined
}

/** The files of a collection; a click on a name shows the contents below, the rest of the URL stays. */
export function FileTable({ collection, files, searchParams, search, shownFile }: FileTableProps) {
  if (files.length === 0) return <NoFiles collection={collection} search={search} />
  return (
    <div className="rounded-sm border">
      <Table label="Files">
        <thead>
          <tr>
            <Th>Name</Th>
            <Th className="whitespace-nowrap">Last Modified</Th>
            <Th className="whitespace-nowrap">File Size</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody className="[&>tr:last-child>td]:border-b-0">
          {files.map(({ id, name, sizeBytes, updatedAt }) => (
            <Tr key={id} className={name === shownFile ? 'bg-side' : undefined}>
              <Td className="w-full min-w-48">
                <span className="flex items-center gap-3">
                  <FileText aria-hidden className="size-5 shrink-0 text-link" />
                  <TextLink
                    href={previewHref(searchParams, name)}
                    scroll={false}
                    aria-current={name === shownFile || undefined}
                    className="break-all font-semibold text-ink"
                  >
                    {name}
                  </TextLink>
                </span>
              </Td>
              <Td className="whitespace-nowrap text-ink-soft">
                <LocalTime at={updatedAt} />
              </Td>
              <Td className="whitespace-nowrap text-ink-soft">{formatBytes(sizeBytes)}</Td>
              <Td>
                <FileMenu
                  owner={collection.owner.name}
                  collection={collection.name}
                  file={name}
                  mayDelete={collection.mayWrite}
                  isShown={name === shownFile}
                />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}

function NoFiles({ collection, search }: { collection: CollectionDetails; search: string }) {
  if (search) {
    return <EmptyState title="No file has this name">None is called “{search}”. Try a part of the name.</EmptyState>
  }
  return (
    <EmptyState title="No files yet">
      {collection.mayWrite
        ? 'Upload files here, or let an algorithm write them: '
        : 'The owner has not put a file here yet. Its path will be '}
      <span className="break-all">{collection.uri}/…</span>
    </EmptyState>
  )
}

function previewHref(searchParams: SearchParams, file: string): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(searchParams)) {
    if (typeof value === 'string') query.set(key, value)
  }
  query.set('file', file)
  return `?${query}`
}
