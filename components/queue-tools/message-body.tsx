'use client'

import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { CodeBlock } from '@/components/ui/code-block'
import { formatBytes } from '@/lib/format'
import type { MessageDetail } from '@/lib/queue-tools/browse-messages'

type Shape = 'pretty' | 'raw' | 'hex' | 'base64'

const SHAPES: Record<MessageDetail['body']['type'], Shape[]> = {
  json: ['pretty', 'raw'],
  text: ['raw'],
  binary: ['hex', 'base64'],
}

type MessageBodyProps = { body: MessageDetail['body']; bytes: number; contentType: string | null }

/** A body as people read it: JSON indented or as it came, bytes as hex or base64. */
export function MessageBody({ body, bytes, contentType }: MessageBodyProps) {
  const shapes = SHAPES[body.type]
  const [wanted, setWanted] = useState<Shape>()
  const shape = wanted && shapes.includes(wanted) ? wanted : (shapes[0] ?? 'raw')
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-ink-soft text-xs uppercase tracking-wider">
          Body · {contentType ?? body.type} · {formatBytes(bytes)}
        </h3>
        {shapes.length > 1 && (
          <div className="flex gap-1">
            {shapes.map((one) => (
              <Button
                key={one}
                size="sm"
                variant="ghost"
                className="aria-pressed:bg-side-active"
                aria-pressed={one === shape}
                onClick={() => setWanted(one)}
              >
                {one}
              </Button>
            ))}
          </div>
        )}
      </div>
      {body.content ? (
        <CodeBlock label="body" text={shapeOf(body.content, shape)} />
      ) : (
        <p className="text-ink-soft">Empty.</p>
      )}
      {body.isCut && <p className="text-ink-soft text-sm">Only the first mebibyte is shown.</p>}
    </div>
  )
}

function shapeOf(content: string, shape: Shape): string {
  if (shape === 'pretty') return indented(content)
  return shape === 'hex' ? hexOf(content) : content
}

/** What was cut is not JSON any more; it is shown as it is. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}

const BYTES_A_LINE = 16

function hexOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const lines: string[] = []
  for (let start = 0; start < bytes.length; start += BYTES_A_LINE) {
    const line = [...bytes.subarray(start, start + BYTES_A_LINE)]
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = line.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${start.toString(16).padStart(6, '0')}  ${hex.padEnd(BYTES_A_LINE * 3 - 1)}  ${text}`)
  }
  return lines.join('\n')
}
