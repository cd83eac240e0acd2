'use server'

import { action } from '@/lib/web/action'
import { createCollection } from './commands/create-collection'
import { deleteCollection } from './commands/delete-collection'
import { deleteFile } from './commands/delete-file'
import { updateReadAccess } from './commands/update-read-access'
import { CollectionDeletion, FilePath, NewCollection, ReadAccessChange } from './schema'

export const createCollectionAction = action(NewCollection, createCollection)
export const deleteCollectionAction = action(CollectionDeletion, deleteCollection)
export const updateReadAccessAction = action(ReadAccessChange, updateReadAccess)
export const deleteFileAction = action(FilePath, deleteFile)
