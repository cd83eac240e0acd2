'use server'

import { action } from '@/lib/web/action'
import { createAlgorithm } from './commands/create-algorithm'
import { deleteAlgorithm } from './commands/delete-algorithm'
import { saveSource } from './commands/save-source'
import { updateAlgorithm } from './commands/update-algorithm'
import { CreateAlgorithm, DeleteAlgorithm, UpdateAlgorithm } from './schema'
import { SaveSource } from './source/schema'

export const createAlgorithmAction = action(CreateAlgorithm, createAlgorithm)
export const updateAlgorithmAction = action(UpdateAlgorithm, updateAlgorithm)
export const deleteAlgorithmAction = action(DeleteAlgorithm, deleteAlgorithm)
export const saveSourceAction = action(SaveSource, saveSource)
