import type { ApiKeyAccess } from './schema'

/** How the kinds of access read in the console. Apart from the schema, so that browsers need not fetch zod. */
export const algorithmAccessLabels: Record<ApiKeyAccess['algorithmAccess'], string> = {
  full: 'Full Access',
  none: 'No Access',
}
export const dataAccessLabels: Record<ApiKeyAccess['dataAccess'], string> = {
  read_write: 'Read + Write',
  read: 'Read Only',
  none: 'No Access',
}
