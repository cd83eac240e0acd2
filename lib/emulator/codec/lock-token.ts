import { randomBytes } from 'node:crypto'

const POOL_BYTES = 8192
const TOKEN_BYTES = 16

let pool = randomBytes(POOL_BYTES)
let used = 0

/** A new random lock token, in the order in which `$management` carries it (RFC 4122). */
export function newLockToken(): Buffer {
  if (used + TOKEN_BYTES > pool.length) {
    pool = randomBytes(POOL_BYTES)
    used = 0
  }
  used += TOKEN_BYTES
  return pool.subarray(used - TOKEN_BYTES, used)
}

const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

/** Between RFC 4122 order and .NET's `Guid.ToByteArray()` order, which delivery tags use. Its own inverse. */
export function toGuidOrder(token: Buffer): Buffer {
  const reordered = Buffer.allocUnsafe(TOKEN_BYTES)
  for (let index = 0; index < TOKEN_BYTES; index++) reordered[index] = token[GUID_ORDER[index] as number] ?? 0
  return reordered
}
