'use server'

import { action } from '@/lib/web/action'
import { cancelJob, pauseJob, resumeJob } from './commands/control-job'
import { dryRunMessage } from './commands/dry-run'
import { resubmitEdited } from './commands/resubmit-edited'
import { startPurge, startReplay, startResubmit } from './commands/start-job'
import { DryRun, JobRef, ResubmitEdited, StartPurge, StartReplay, StartResubmit } from './schema'

export const startResubmitAction = action(StartResubmit, startResubmit)
export const startPurgeAction = action(StartPurge, startPurge)
export const startReplayAction = action(StartReplay, startReplay)
export const resubmitEditedAction = action(ResubmitEdited, resubmitEdited)
export const dryRunAction = action(DryRun, dryRunMessage)
export const pauseJobAction = action(JobRef, pauseJob)
export const resumeJobAction = action(JobRef, resumeJob)
export const cancelJobAction = action(JobRef, cancelJob)
