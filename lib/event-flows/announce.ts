import { currentEngine } from '@/lib/engine/current'
import { publishLive } from '@/lib/live/bus'

/** Tells the engine and the open pages that a flow was made, changed or deleted. Never throws. */
export async function announceFlow(flow: { id: string; algorithmId: string; ownerId: string }): Promise<void> {
  await currentEngine().refreshFlow(flow.id)
  publishLive(`flow:${flow.id}`, `algorithm:${flow.algorithmId}`, `account:${flow.ownerId}`, 'admin')
}
