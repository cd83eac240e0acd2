import { LinkButton } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'

/** The key, for the only time. */
export function NewApiKey({ apiKey }: { apiKey: string }) {
  return (
    <div role="status" className="flex flex-col gap-5 rounded-sm border border-primary bg-primary-soft p-5">
      <p>
        <strong>This is your new key.</strong> Copy it now: only a fingerprint of it is kept, and it can not be shown
        again.
      </p>
      <p className="flex items-center gap-2">
        <code className="break-all font-mono font-semibold" data-testid="api-key">
          {apiKey}
        </code>
        <CopyButton text={apiKey} label="Copy API key" />
      </p>
      <LinkButton variant="primary" href="/account/api-keys" className="self-start">
        Done
      </LinkButton>
    </div>
  )
}
