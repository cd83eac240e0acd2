'use server'

import { action } from '@/lib/web/action'
import { startBuild } from './commands/start-build'
import { StartBuild } from './schema'

export const startBuildAction = action(StartBuild, startBuild)
