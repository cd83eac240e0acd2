'use server'

import { z } from 'zod'
import { action } from '@/lib/web/action'
import { findEnvironments } from './commands/find-environments'
import { moveEnvironment, setDefaultEnvironment, updateEnvironment } from './commands/update-environment'
import { EnvironmentId, MoveEnvironment, UpdateEnvironment } from './schema'

export const updateEnvironmentAction = action(UpdateEnvironment, updateEnvironment)
export const setDefaultEnvironmentAction = action(EnvironmentId, setDefaultEnvironment)
export const moveEnvironmentAction = action(MoveEnvironment, moveEnvironment)
export const findEnvironmentsAction = action(z.object({}), findEnvironments)
