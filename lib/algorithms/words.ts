import type { License } from './schema'

/** Apart from the schema, so that browsers need not fetch zod for a label. */
export const LICENSE_LABELS: Record<License, string> = {
  apl: 'Platform License',
  apache2: 'Apache License 2.0',
  gpl3: 'GNU General Public License v3',
  mit: 'MIT License',
}

/** In the order in which they are offered. */
export const LICENSES = Object.keys(LICENSE_LABELS) as License[]

/** `Python 3.x` and `Node.js`: what people call the language family. */
export const LANGUAGE_LABELS = { python: 'Python 3.x', node: 'JavaScript (Node.js)' } as const
