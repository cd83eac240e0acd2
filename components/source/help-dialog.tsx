import { Code } from '@/components/ui/code-block'
import { Dialog } from '@/components/ui/dialog'

/** What the Web IDE can do, in short. */
export function HelpDialog({ isOpen, onOpenChange }: { isOpen: boolean; onOpenChange: (isOpen: boolean) => void }) {
  return (
    <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title="Web IDE help" className="max-w-2xl">
      <dl className="flex flex-col gap-4">
        <Topic title="Save">
          Makes a commit of all unsaved files. <Code>Ctrl</Code>+<Code>S</Code>, or <Code>Cmd</Code>+<Code>S</Code> on a
          Mac, does the same.
        </Topic>
        <Topic title="Build">
          Saves, then makes the newest commit runnable. Packages named under Dependencies are installed on the way.
        </Topic>
        <Topic title="Console">
          Runs the newest build that succeeded. Type JSON and press <Code>Enter</Code>; strings need quotes, say{' '}
          <Code>"Jane"</Code>. <Code>Shift</Code>+<Code>Enter</Code> starts a new line, the arrow keys bring earlier
          inputs back.
        </Topic>
        <Topic title="Publish">
          Gives the newest build a version number, under which event flows and other programs call it.
        </Topic>
        <Topic title="Keyboard">
          In the editor, <Code>Tab</Code> indents. Press <Code>Esc</Code> first, then <Code>Tab</Code>, to leave it.
        </Topic>
      </dl>
    </Dialog>
  )
}

function Topic({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="font-bold">{title}</dt>
      <dd>{children}</dd>
    </div>
  )
}
