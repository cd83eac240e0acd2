import { TriangleAlert } from 'lucide-react'
import { cn } from '@/components/ui/cn'
import { getSandboxWarning } from '@/lib/admin/queries'

/** Says on every page that algorithms are not kept apart here, what that means and how to mend it. Mostly nothing. */
export function SandboxBanner({ className }: { className: string }) {
  const sandbox = getSandboxWarning()
  if (!sandbox) return null
  return (
    <div
      role="alert"
      className={cn('flex gap-3 rounded-sm border border-warning bg-warning-soft px-5 py-3 text-ink', className)}
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-warning" />
      <p>
        {sandbox.isRefused ? (
          <>
            <strong>Algorithms do not run here,</strong> because they can not be kept apart from the server.
          </>
        ) : (
          <>
            <strong>Algorithms run without a sandbox.</strong> Each of them can read and change what this server can:
            files, secrets, the network. Run only code that you trust.
          </>
        )}{' '}
        {sandbox.reasons.join(' ')} {sandbox.fix && <>To mend it: {sandbox.fix}</>}
        {sandbox.isRefused && ' An administrator may set HEADRACE_ALLOW_UNSANDBOXED=1 to run them without isolation.'}
      </p>
    </div>
  )
}
