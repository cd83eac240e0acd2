import type { ReactNode } from 'react'
import { cn } from './cn'
import { CopyButton } from './copy-button'
import { ScrollBox } from './scroll-box'

/** Preformatted text that scrolls in its box; `label` names it and its copy button. */
export function CodeBlock({ text, label, className }: { text: string; label: string; className?: string }) {
  return (
    <div className="relative">
      <ScrollBox label={label} className={cn('max-h-96 rounded-sm border bg-field', className)}>
        <pre className="w-max min-w-full p-3 pr-12 font-mono text-[0.8125rem] leading-relaxed">{text}</pre>
      </ScrollBox>
      <div className="absolute top-1 right-2 rounded-sm bg-field">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
    </div>
  )
}

/** A short piece of code in running text. */
export function Code({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <code className={cn('wrap-anywhere rounded-sm bg-side-active px-1 py-0.5 font-mono text-[0.875em]', className)}>
      {children}
    </code>
  )
}
