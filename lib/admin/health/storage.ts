import { storage } from '@/lib/storage/current'
import { type HealthCheck, milliseconds, reasonOf, timed } from './port'

/** Asks whether data files can be written now. */
export async function checkStorage(): Promise<HealthCheck> {
  try {
    const tookMs = await timed(() => storage().check())
    return { part: 'Storage', status: 'ok', summary: `Writable, checked in ${milliseconds(tookMs)}`, details: [] }
  } catch (error) {
    return {
      part: 'Storage',
      status: 'down',
      summary: 'Data files can not be written',
      details: [reasonOf(error)],
      fix: 'Make room on the disk of the data directory, and let the server write there.',
    }
  }
}
