'use client'

import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useRef } from 'react'
import { Button, IconButton } from '@/components/ui/button'
import { formatBytes } from '@/lib/format'
import { type Upload, useUploads } from './use-uploads'

/** Uploads files, several at once if wanted, and shows how far each one is. */
export function UploadFiles({ owner, collection }: { owner: string; collection: string }) {
  const router = useRouter()
  const input = useRef<HTMLInputElement>(null)
  const { uploads, start, dismiss } = useUploads({ owner, collection, onStored: () => router.refresh() })
  return (
    <>
      <Button variant="accent" onClick={() => input.current?.click()}>
        Upload Files
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => {
          start([...(event.target.files ?? [])])
          // The same file can be chosen again.
          event.target.value = ''
        }}
      />
      {uploads.length > 0 && (
        <ul aria-label="Uploads" className="flex basis-full flex-col gap-2 rounded-sm border bg-panel p-4">
          {uploads.map((upload) => (
            <UploadLine key={upload.id} upload={upload} onDismiss={() => dismiss(upload.id)} />
          ))}
        </ul>
      )}
    </>
  )
}

function UploadLine({ upload, onDismiss }: { upload: Upload; onDismiss: () => void }) {
  const { name, sizeBytes, sentBytes, state } = upload
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <span className="min-w-40 flex-1 break-all font-semibold">{name}</span>
      {state.kind === 'sending' && (
        <progress
          aria-label={`Upload of ${name}`}
          value={sentBytes}
          max={sizeBytes || 1}
          className="w-48 accent-primary"
        />
      )}
      <span role="status" className="flex items-center gap-2 text-ink-soft">
        <UploadState upload={upload} />
      </span>
      <IconButton
        label={`${state.kind === 'sending' ? 'Cancel the upload of' : 'Dismiss'} ${name}`}
        onClick={onDismiss}
      >
        <X aria-hidden className="size-4" />
      </IconButton>
    </li>
  )
}

function UploadState({ upload: { state, sizeBytes, sentBytes } }: { upload: Upload }) {
  switch (state.kind) {
    case 'waiting':
      return 'Waiting'
    case 'sending':
      return `${formatBytes(sentBytes)} of ${formatBytes(sizeBytes)}`
    case 'stored':
      return (
        <>
          <CircleCheck aria-hidden className="size-4 text-success" />
          Stored, {formatBytes(sizeBytes)}
        </>
      )
    case 'failed':
      return (
        <span className="flex items-center gap-2 text-danger">
          <CircleAlert aria-hidden className="size-4 shrink-0" />
          {state.message}
        </span>
      )
  }
}
