import { closeSync, openSync, readSync } from 'node:fs'
import { crc32 } from './crc32'
import { MAX_RECORD_BYTES, RECORD_HEAD_BYTES, RECORD_MAGIC } from './record'

const CHUNK_BYTES = 4 * 1024 * 1024

/** How far a file could be read: `damagedAt` is undefined when all of it was good, but for room that was reserved behind it. */
export type ReadResult = { goodBytes: number; damagedAt: number | undefined; goodAfterDamage: boolean }

/** Reads the records of a file in order and gives each body to `apply`. Stops at the first damage. */
export function readRecords(path: string, apply: (body: Buffer) => void): ReadResult {
  const file = openSync(path, 'r')
  try {
    const reader = new ChunkReader(file)
    for (;;) {
      const goodBytes = reader.offset
      const body = readRecord(reader)
      const isEnd = body === 'end' || (body === 'damaged' && reader.skipZeros() === 'end')
      if (isEnd) return { goodBytes, damagedAt: undefined, goodAfterDamage: false }
      if (body === 'damaged') return { goodBytes, damagedAt: goodBytes, goodAfterDamage: hasGoodRecordAfter(reader) }
      apply(body)
    }
  } finally {
    closeSync(file)
  }
}

/** Takes one record; leaves the reader at its start when it is not whole or not right. */
function readRecord(reader: ChunkReader): Buffer | 'end' | 'damaged' {
  const head = reader.peek(RECORD_HEAD_BYTES)
  if (head.length === 0) return 'end'
  if (head.length < RECORD_HEAD_BYTES || !head.subarray(0, 2).equals(RECORD_MAGIC)) return 'damaged'
  const bodyBytes = head.readUInt32BE(2)
  const checksum = head.readUInt32BE(6)
  if (bodyBytes > MAX_RECORD_BYTES) return 'damaged'
  const record = reader.peek(RECORD_HEAD_BYTES + bodyBytes)
  const body = record.subarray(RECORD_HEAD_BYTES)
  if (body.length < bodyBytes || crc32(body) !== checksum) return 'damaged'
  reader.skip(record.length)
  return body
}

/** Tells a torn tail (nothing good follows) from a damaged middle. */
function hasGoodRecordAfter(reader: ChunkReader): boolean {
  while (reader.seek(RECORD_MAGIC)) {
    if (typeof readRecord(reader) !== 'string') return true
    reader.skip(1)
  }
  return false
}

/** A window over a file that may be larger than memory. */
class ChunkReader {
  /** Where the window starts in the file. */
  offset = 0
  #window: Buffer = Buffer.alloc(0)
  #readTo = 0

  constructor(private readonly file: number) {}

  /** The next bytes, fewer at the end of the file. */
  peek(bytes: number): Buffer {
    while (this.#window.length < bytes && this.#fill(bytes)) {}
    return this.#window.subarray(0, bytes)
  }

  skip(bytes: number): void {
    const skipped = Math.min(bytes, this.peek(bytes).length)
    this.#window = this.#window.subarray(skipped)
    this.offset += skipped
  }

  /** Moves to the next place where these bytes stand; false at the end of the file. */
  seek(pattern: Buffer): boolean {
    for (;;) {
      if (this.peek(pattern.length).length < pattern.length) return false
      const at = this.#window.indexOf(pattern)
      if (at >= 0) {
        this.skip(at)
        return true
      }
      this.skip(this.#window.length - pattern.length + 1)
    }
  }

  /** Moves behind the zeros that come next, if there are any. */
  skipZeros(): 'end' | 'more' {
    while (this.peek(1).length > 0) {
      const window = this.#window
      if (!window.equals(Buffer.alloc(window.length))) {
        this.skip(window.findIndex((byte) => byte !== 0))
        return 'more'
      }
      this.skip(window.length)
    }
    return 'end'
  }

  #fill(wanted: number): boolean {
    const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, wanted - this.#window.length))
    const read = readSync(this.file, chunk, 0, chunk.length, this.#readTo)
    if (read === 0) return false
    this.#readTo += read
    this.#window = Buffer.concat([this.#window, chunk.subarray(0, read)])
    return true
  }
}
