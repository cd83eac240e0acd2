import * as zlib from 'node:zlib'

const native = (zlib as { crc32?: (data: Buffer, value?: number) => number }).crc32

/** CRC-32 (IEEE). Node has it from 20.15 on; before that, a table. */
export const crc32: (data: Buffer) => number = native ? (data) => native(data) : crc32ByTable

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})

export function crc32ByTable(data: Buffer): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
