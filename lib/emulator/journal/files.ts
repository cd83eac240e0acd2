import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

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

/** Makes created, renamed and removed names survive a power failure. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
