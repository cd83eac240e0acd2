import { CodeBlock } from '@/components/ui/code-block'
import { Dialog } from '@/components/ui/dialog'
import { TextLink } from '@/components/ui/text-link'

type Props = { cloneUrl: string; canPush: boolean; onClose: () => void }

/** How to work on the source with Git, away from the browser. */
export function CloneDialog({ cloneUrl, canPush, onClose }: Props) {
  return (
    <Dialog isOpen onOpenChange={onClose} title="Work with Git" className="max-w-2xl">
      <div className="flex flex-col gap-4">
        <CloneInstructions cloneUrl={cloneUrl} canPush={canPush} />
      </div>
    </Dialog>
  )
}

export function CloneInstructions({ cloneUrl, canPush }: Omit<Props, 'onClose'>) {
  return (
    <>
      <CodeBlock text={`git clone ${cloneUrl}`} label="clone command" />
      <p>
        Git asks for a user name, which may be anything, and for a password: give one of your{' '}
        <TextLink href="/account/api-keys" className="underline">
          API keys
        </TextLink>
        {canPush ? ', one that may manage algorithms.' : '.'}
      </p>
      {canPush && (
        <p>
          There is one branch, main. A push to it is built at once; history can be added to, not rewritten. What is
          pushed and what is saved here are the same commits.
        </p>
      )}
    </>
  )
}
