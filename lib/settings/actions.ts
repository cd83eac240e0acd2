'use server'

import { action } from '@/lib/web/action'
import { updateRuntimeSettings } from './commands'
import { RuntimeSettings } from './schema'

export const updateRuntimeSettingsAction = action(RuntimeSettings, updateRuntimeSettings)
