import { currentRuntime } from '@/lib/runtime/current'
import { checkDatabase } from './health/database'
import { checkStorage } from './health/storage'

type PartState = 'ok' | 'down'

/** Whether pages and calls work now; which part does not, without a reason: anybody may read it. */
export type Readiness = { status: 'ok' | 'unavailable'; parts: Record<'database' | 'storage' | 'runtime', PartState> }

export async function readReadiness(): Promise<Readiness> {
  const [database, storage] = await Promise.all([checkDatabase(), checkStorage()])
  const parts = {
    database: database.status === 'down' ? 'down' : 'ok',
    storage: storage.status === 'down' ? 'down' : 'ok',
    runtime: isRuntimeThere() ? 'ok' : 'down',
  } as const
  return { status: Object.values(parts).includes('down') ? 'unavailable' : 'ok', parts }
}

/** The server answers while its host still starts, and while it stops: then nothing can run. */
function isRuntimeThere(): boolean {
  try {
    currentRuntime()
    return true
  } catch {
    return false
  }
}
