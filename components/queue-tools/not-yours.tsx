import { EmptyState } from '@/components/ui/empty-state'

/** For administrators, who see others' flows but not what their messages hold. */
export function NotYours({ ownerName }: { ownerName: string }) {
  return (
    <EmptyState title="Only its owner may use this">
      This event flow belongs to {ownerName}. Messages are shown to, and settled by, who may manage the flow.
    </EmptyState>
  )
}
