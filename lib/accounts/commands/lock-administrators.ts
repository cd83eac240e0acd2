import type { Transaction } from '@/lib/db'

// Any constant that no other lock of ours uses.
const LOCK_ID = 4_071_002

/** Holds back other changes of who is an administrator until this transaction ends, so that one always stays. */
export async function lockAdministrators(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK_ID})`
}
