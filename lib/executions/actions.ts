'use server'

import { action } from '@/lib/web/action'
import { replayExecution } from './commands/replay-execution'
import { ReplayExecution } from './schema'

export const replayExecutionAction = action(ReplayExecution, replayExecution)
