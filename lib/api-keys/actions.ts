'use server'

import { action } from '@/lib/web/action'
import { createApiKey, deleteApiKey } from './commands'
import { CreateApiKey, DeleteApiKey } from './schema'

export const createApiKeyAction = action(CreateApiKey, createApiKey)
export const deleteApiKeyAction = action(DeleteApiKey, deleteApiKey)
