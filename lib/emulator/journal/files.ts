import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const COPY_BYTES = 1024 * 1024

/** `journal-7.log` holds the records after `snapshot-7.log`, if that exists. */
export function journalPath(directory: string, number: number): string {
  return join(directory, `journal-${number}.log`)
}

export function snapshotPath(directory: string, number: number): string {
  return join(directory, `snapshot-${number}.log`)
}

/** The numbers of the files of one kind, ascending. Unfinished snapshots (`.tmp`) are not among them. */
export function fileNumbers(directory: string, kind: 'journal' | 'snapshot'): number[] {
  const pattern = new RegExp(`^${kind}-(\\d+)\\.log$`)
  return readdirSync(directory)
    .map((name) => Number(pattern.exec(name)?.[1] ?? Number.NaN))
    .filter((number) => !Number.isNaN(number))
    .sort((a, b) => a - b)
}

/** The path itself, or with `-2`, `-3`, … behind it when there is such a file already: what was kept once is not written over. */
export function freePath(path: string): string {
  let free = path
  for (let number = 2; existsSync(free); number++) free = `${path}-${number}`
  return free
}

/** Makes created, renamed and removed names survive a power failure. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Copies a file from a byte on, which may be more than fits into memory, and waits for the disk. */
export function copyEnd(from: string, fromByte: number, to: string): void {
  const source = openSync(from, 'r')
  const target = openSync(to, 'w', 0o600)
  try {
    const chunk = Buffer.alloc(COPY_BYTES)
    for (let at = fromByte, read = -1; read !== 0; at += read) {
      read = readSync(source, chunk, 0, chunk.length, at)
      writeSync(target, chunk, 0, read)
    }
    fsyncSync(target)
  } finally {
    closeSync(source)
    closeSync(target)
  }
}
