import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout: the folder with package.json. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
