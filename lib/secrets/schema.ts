import { z } from 'zod'
import { AlgorithmPath } from '@/lib/algorithms/schema'

export const MAX_SECRET_VALUE_CHARS = 32 * 1024
export const MAX_SECRETS = 100

/** Names that a worker's environment has of its own, or that would change how its interpreter starts. */
const RESERVED_NAMES = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'PWD',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'TZ',
  'IFS',
  'ENV',
  'BASH_ENV',
  'REQUESTS_CA_BUNDLE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NO_PROXY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
])
const RESERVED_PREFIXES = ['LD_', 'PYTHON', 'NODE_', 'ALGORITHMIA_', 'HEADRACE_', 'LC_', 'DYLD_', 'MALLOC_', 'GLIBC_']

export const EnvironmentName = z
  .string()
  .trim()
  .min(1, 'Give the environment variable a name.')
  .max(100, 'At most 100 characters.')
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Letters, digits and underscores only, not starting with a digit.')
  .refine((name) => !isReservedName(name), { message: 'This name belongs to the platform; choose another one.' })

/** Whether a secret may not have this name, in any case of letters. */
export function isReservedName(name: string): boolean {
  const upper = name.toUpperCase()
  return RESERVED_NAMES.has(upper) || RESERVED_PREFIXES.some((prefix) => upper.startsWith(prefix))
}

const DisplayName = z.string().trim().min(1, 'Give the secret a name.').max(80, 'At most 80 characters.')
const Description = z.string().trim().max(300, 'At most 300 characters.')
const Value = z
  .string()
  .min(1, 'Enter the value.')
  .max(MAX_SECRET_VALUE_CHARS, `At most ${MAX_SECRET_VALUE_CHARS / 1024} KiB.`)
  .refine((value) => !value.includes('\0'), { message: 'An environment variable can not hold a NUL character.' })

export const CreateSecret = AlgorithmPath.extend({
  environmentName: EnvironmentName,
  displayName: DisplayName,
  description: Description.default(''),
  value: Value,
})
export type CreateSecret = z.input<typeof CreateSecret>

export const UpdateSecret = AlgorithmPath.extend({
  secretId: z.uuid(),
  displayName: DisplayName,
  description: Description.default(''),
  /** Left out or empty: the value stays. */
  value: z.union([z.literal(''), Value]).optional(),
})
export type UpdateSecret = z.input<typeof UpdateSecret>

export const RemoveSecret = AlgorithmPath.extend({ secretId: z.uuid() })
export type RemoveSecret = z.input<typeof RemoveSecret>
