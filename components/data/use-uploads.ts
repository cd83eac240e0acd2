'use client'

import { useEffect, useRef, useState } from 'react'
import { fileHref } from '@/lib/data/links'
import { fileNameProblem } from '@/lib/data/uri'

export type UploadState =
  | { kind: 'waiting' }
  | { kind: 'sending' }
  | { kind: 'stored' }
  | { kind: 'failed'; message: string }

export type Upload = { id: number; name: string; sizeBytes: number; sentBytes: number; state: UploadState }

const AT_ONCE = 2
const BROKEN_OFF = 'The upload broke off. Check the connection, then choose the file again.'

type Target = { owner: string; collection: string; onStored: () => void }

/** A queue of uploads to one collection, two at a time; leaving the page ends those under way. */
export function useUploads({ owner, collection, onStored }: Target) {
  const [uploads, setUploads] = useState<Upload[]>([])
  const queue = useRef<{ id: number; file: File }[]>([])
  const running = useRef(new Map<number, XMLHttpRequest>())
  const nextId = useRef(1)

  useEffect(() => {
    const requests = running.current
    return () => {
      for (const request of requests.values()) request.abort()
    }
  }, [])

  const change = (id: number, changes: Partial<Upload>) =>
    setUploads((all) => all.map((upload) => (upload.id === id ? { ...upload, ...changes } : upload)))

  function start(files: File[]) {
    const added = files.map((file) => ({ id: nextId.current++, file }))
    queue.current.push(...added)
    setUploads((all) => [
      ...all.filter(({ state }) => state.kind !== 'stored'),
      ...added.map(({ id, file }) => newUpload(id, file)),
    ])
    advance()
  }

  function advance() {
    while (running.current.size < AT_ONCE) {
      const next = queue.current.shift()
      if (!next) return
      send(next.id, next.file)
    }
  }

  function send(id: number, file: File) {
    const problem = fileNameProblem(file.name)
    if (problem) return change(id, { state: { kind: 'failed', message: problem } })
    const request = new XMLHttpRequest()
    running.current.set(id, request)
    const finish = (state: UploadState) => {
      running.current.delete(id)
      change(id, { state })
      if (state.kind === 'stored') onStored()
      advance()
    }
    request.upload.onprogress = ({ loaded }) => change(id, { sentBytes: loaded })
    request.onload = () => finish(outcomeOf(request))
    request.onerror = () => finish({ kind: 'failed', message: BROKEN_OFF })
    request.onabort = () => finish({ kind: 'failed', message: 'Cancelled.' })
    request.open('PUT', fileHref(owner, collection, file.name))
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    change(id, { state: { kind: 'sending' } })
    request.send(file)
  }

  function dismiss(id: number) {
    queue.current = queue.current.filter((waiting) => waiting.id !== id)
    running.current.get(id)?.abort()
    setUploads((all) => all.filter((upload) => upload.id !== id))
  }

  return { uploads, start, dismiss }
}

function newUpload(id: number, file: File): Upload {
  return { id, name: file.name, sizeBytes: file.size, sentBytes: 0, state: { kind: 'waiting' } }
}

function outcomeOf(request: XMLHttpRequest): UploadState {
  if (request.status >= 200 && request.status < 300) return { kind: 'stored' }
  return { kind: 'failed', message: errorMessageOf(request.responseText) ?? BROKEN_OFF }
}

function errorMessageOf(body: string): string | undefined {
  try {
    return JSON.parse(body).error?.message
  } catch {
    return undefined
  }
}
