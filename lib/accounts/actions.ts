'use server'

import { action } from '@/lib/web/action'
import { changePassword } from './commands/change-password'
import { inviteUser } from './commands/create-user'
import { deleteUser } from './commands/delete-user'
import { setAdministrator } from './commands/set-administrator'
import { updateProfile } from './commands/update-profile'
import { ChangePassword, DeleteUser, InviteUser, SetAdministrator, UpdateProfile } from './schema'

export const inviteUserAction = action(InviteUser, inviteUser)
export const setAdministratorAction = action(SetAdministrator, setAdministrator)
export const deleteUserAction = action(DeleteUser, deleteUser)
export const changePasswordAction = action(ChangePassword, changePassword)
export const updateProfileAction = action(UpdateProfile, updateProfile)
