'use client'

import { CircleHelp } from 'lucide-react'
import { Tabs } from 'radix-ui'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { ScrollBox } from '@/components/ui/scroll-box'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { HelpDialog } from './help-dialog'
import { IdeBuildLog } from './ide-build-log'
import { IdeConsole } from './ide-console'
import type { WatchedBuild } from './use-build-progress'
import type { useConsole } from './use-console'

export type BottomTab = 'console' | 'build'

type Props = {
  path: AlgorithmPath
  tab: BottomTab
  onTabChange: (tab: BottomTab) => void
  build: WatchedBuild | null
  /** The source is being saved for a build. */
  isStarting: boolean
  session: ReturnType<typeof useConsole>
}

/** Below the editor: the console and the log of the build. */
export function BottomPanel({ path, tab, onTabChange, build, isStarting, session }: Props) {
  const [isHelpOpen, setHelpOpen] = useState(false)
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(value) => onTabChange(value as BottomTab)}
      className="flex h-72 shrink-0 flex-col border-rail-active border-t bg-rail text-on-rail"
    >
      <div className="flex items-center justify-between bg-rail-active">
        <Tabs.List aria-label="Console and build log" className="flex">
          <TabButton value="console" label="Console" />
          <TabButton value="build" label="Build log" />
        </Tabs.List>
        <Button
          variant="ghost"
          size="sm"
          className="text-on-rail hover:bg-rail focus-visible:outline-on-rail"
          onClick={() => setHelpOpen(true)}
        >
          <CircleHelp aria-hidden className="size-4" />
          Help
        </Button>
      </div>
      <Tabs.Content value="console" tabIndex={-1} forceMount className="min-h-0 flex-1 data-[state=inactive]:hidden">
        <ScrollBox label="Console" className="h-full focus-visible:outline-on-rail">
          <IdeConsole entries={session.entries} isRunning={session.isRunning} run={session.run} stop={session.stop} />
        </ScrollBox>
      </Tabs.Content>
      <Tabs.Content value="build" tabIndex={-1} className="min-h-0 flex-1">
        <IdeBuildLog path={path} build={build} isStarting={isStarting} />
      </Tabs.Content>
      <HelpDialog isOpen={isHelpOpen} onOpenChange={setHelpOpen} />
    </Tabs.Root>
  )
}

function TabButton({ value, label }: { value: BottomTab; label: string }) {
  return (
    <Tabs.Trigger
      value={value}
      className="px-4 py-1.5 font-semibold text-sm focus-visible:outline-on-rail focus-visible:-outline-offset-2 data-[state=active]:bg-rail"
    >
      {label}
    </Tabs.Trigger>
  )
}
