import { Download } from 'lucide-react'
import { LocalTime } from '@/components/ui/local-time'
import { ScrollBox } from '@/components/ui/scroll-box'
import { fileHref } from '@/lib/data/links'
import type { PreviewedFile } from '@/lib/data/preview'
import { formatBytes } from '@/lib/format'

type FilePreviewProps = { owner: string; collection: string; name: string; file: PreviewedFile | { problem: string } }

/** What is in the chosen file: name, time, size, and its contents as far as they can be shown. */
export function FilePreview({ owner, collection, name, file }: FilePreviewProps) {
  if ('problem' in file) {
    return (
      <section aria-label="Preview" className="mt-6 break-all rounded-sm border bg-panel p-6 text-ink-soft">
        {file.problem}
      </section>
    )
  }
  const href = fileHref(owner, collection, name)
  return (
    <section aria-label={`Preview of ${name}`} className="mt-6 rounded-sm border bg-panel">
      <header className="flex flex-wrap items-center gap-x-8 gap-y-1 border-b px-6 py-4 text-ink-soft">
        <h2 className="break-all font-bold text-ink">{name}</h2>
        <span>
          Last modified <LocalTime at={file.updatedAt} />
        </span>
        <span>{formatBytes(file.sizeBytes)}</span>
        <a href={href} download className="ml-auto flex items-center gap-2 text-link hover:underline">
          <Download aria-hidden className="size-4" />
          Download
        </a>
      </header>
      <Contents file={file} href={href} />
    </section>
  )
}

function Contents({ file, href }: { file: PreviewedFile; href: string }) {
  const { preview } = file
  switch (preview.kind) {
    case 'text':
      return (
        <>
          <ScrollBox label={`Contents of ${file.name}`} className="max-h-[32rem] px-6 py-5">
            <pre className="w-max min-w-full font-mono text-[0.8125rem] leading-relaxed">{preview.text}</pre>
          </ScrollBox>
          {preview.isTruncated && (
            <p className="border-t px-6 py-3 text-ink-soft text-sm">
              This is the start of the file. Download it to see all {formatBytes(file.sizeBytes)}.
            </p>
          )}
        </>
      )
    case 'image':
      return (
        <div className="p-6">
          {/* biome-ignore lint/performance/noImgElement: a private file, served as it is */}
          <img src={`${href}?inline=1`} alt={`Contents of ${file.name}`} className="max-h-[32rem] max-w-full" />
        </div>
      )
    case 'empty':
      return <p className="px-6 py-5 text-ink-soft">The file is empty.</p>
    case 'binary':
      return (
        <p className="px-6 py-5 text-ink-soft">
          This is binary data ({file.contentType}), which can not be shown here. Download it to use it.
        </p>
      )
  }
}
