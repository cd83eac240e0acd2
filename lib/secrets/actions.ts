'use server'

import { action } from '@/lib/web/action'
import { createSecret, removeSecret, updateSecret } from './commands'
import { CreateSecret, RemoveSecret, UpdateSecret } from './schema'

export const createSecretAction = action(CreateSecret, createSecret)
export const updateSecretAction = action(UpdateSecret, updateSecret)
export const removeSecretAction = action(RemoveSecret, removeSecret)
