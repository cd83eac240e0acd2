import { randomFillSync } from 'node:crypto'

const ID_BYTES = 6
/** Randomness is fetched for many calls at a time: by itself it would cost more than the rest of a small call's start. */
const pool = Buffer.alloc(ID_BYTES * 512)
let used = pool.length

/** Names one call to its worker. Nobody inside can guess it: an answer that was written ahead is not believed. */
export function makeCallId(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += ID_BYTES
  return pool.toString('hex', used - ID_BYTES, used)
}
