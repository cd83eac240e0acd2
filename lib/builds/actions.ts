'use server'

import { action } from '@/lib/web/action'
import { cancelBuild } from './commands/cancel-build'
import { startBuild } from './commands/start-build'
import { BuildPath, StartBuild } from './schema'

export const startBuildAction = action(StartBuild, startBuild)

export const cancelBuildAction = action(BuildPath, cancelBuild)
