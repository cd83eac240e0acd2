import { z } from 'zod'
import { MIN_PASSWORD_CHARACTERS } from './limits'

export const MAX_NAME_CHARACTERS = 30
/** Hashing takes time with length; nobody types more. */
export const MAX_PASSWORD_CHARACTERS = 200

/** The name of an account, the OWNER in every path: of users and organizations alike. */
export const AccountName = z
  .string()
  .trim()
  .min(1, 'Give the account a name.')
  .max(MAX_NAME_CHARACTERS, `A name has at most ${MAX_NAME_CHARACTERS} characters.`)
  .regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'A name has letters, digits and underscores, and begins with a letter.')
export type AccountName = z.infer<typeof AccountName>

export const Password = z
  .string()
  .min(MIN_PASSWORD_CHARACTERS, `A password has at least ${MIN_PASSWORD_CHARACTERS} characters.`)
  .max(MAX_PASSWORD_CHARACTERS, `A password has at most ${MAX_PASSWORD_CHARACTERS} characters.`)
export type Password = z.infer<typeof Password>

export const SignIn = z.object({
  name: z.string().trim().min(1).max(MAX_NAME_CHARACTERS),
  password: z.string().min(1).max(MAX_PASSWORD_CHARACTERS),
  /** Where the attempt comes from, for the rate limit. */
  address: z.string(),
})
export type SignIn = z.infer<typeof SignIn>

const OptionalEmail = z
  .union([z.literal(''), z.null(), z.email('This is not an e-mail address.')])
  .optional()
  .transform((email) => email?.toLowerCase() || null)

export const CreateUser = z.object({
  name: AccountName,
  displayName: z.string().trim().max(100, 'At most 100 characters.').optional(),
  email: OptionalEmail,
  password: Password,
  isAdmin: z.boolean().default(false),
})
export type CreateUser = z.input<typeof CreateUser>

/** As at the administrator's form: the password is generated, so that nobody has to think of one. */
export const InviteUser = CreateUser.omit({ password: true })
export type InviteUser = z.input<typeof InviteUser>

export const ChangePassword = z
  .object({
    currentPassword: z.string().min(1, 'Type your current password.').max(MAX_PASSWORD_CHARACTERS),
    newPassword: Password,
    repeatedPassword: z.string(),
  })
  .refine((input) => input.newPassword === input.repeatedPassword, {
    path: ['repeatedPassword'],
    message: 'This differs from the new password.',
  })
export type ChangePassword = z.infer<typeof ChangePassword>

export const UpdateProfile = z.object({
  displayName: z.string().trim().min(1, 'Type a name to show.').max(100, 'At most 100 characters.'),
  email: OptionalEmail,
})
export type UpdateProfile = z.input<typeof UpdateProfile>

export const SetAdministrator = z.object({ userId: z.uuid(), isAdmin: z.boolean() })
export type SetAdministrator = z.infer<typeof SetAdministrator>

export const DeleteUser = z.object({ userId: z.uuid() })
export type DeleteUser = z.infer<typeof DeleteUser>

/** The search parameters of the list of users; whatever is malformed falls back. */
export const UserListParams = z.object({
  q: z.string().trim().catch(''),
  page: z.coerce.number().int().min(1).catch(1),
})
export type UserListParams = z.infer<typeof UserListParams>
