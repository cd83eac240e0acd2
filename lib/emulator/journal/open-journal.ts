import { copyFileSync, mkdirSync, truncateSync } from 'node:fs'
import { copyEnd, fileNumbers, freePath, journalPath, snapshotPath } from './files'
import { readRecords } from './read-records'
import { Replay } from './replay'

/** The journal can not be read, and cutting it would lose what follows. Its text is meant for the operator. */
export class JournalDamagedError extends Error {}

export type OpenedJournal = {
  replay: Replay
  /** The file to append to. */
  number: number
  /** Sentences about what was cut off, for the log. */
  notices: string[]
}

/**
 * Reads the newest snapshot and all journals from it on. A torn end is cut off, kept beside and reported: nothing that
 * a crash cut short was acknowledged, but damage to the last records looks the same. Damage before good records stops
 * the start, unless `salvage` says to go on with what stands before it.
 */
export function openJournal(directory: string, salvage: boolean): OpenedJournal {
  mkdirSync(directory, { recursive: true })
  const replay = new Replay()
  const notices: string[] = []
  const snapshot = fileNumbers(directory, 'snapshot').at(-1)
  if (snapshot !== undefined) replayFile(snapshotPath(directory, snapshot), replay, salvage, notices, false)
  const journals = fileNumbers(directory, 'journal').filter((number) => number >= (snapshot ?? 0))
  for (const number of journals) {
    replayFile(journalPath(directory, number), replay, salvage, notices, number === journals.at(-1))
  }
  return { replay, number: journals.at(-1) ?? snapshot ?? 1, notices }
}

function replayFile(path: string, replay: Replay, salvage: boolean, notices: string[], isLast: boolean): void {
  const result = readRecords(path, (body) => replay.apply(body))
  if (result.damagedAt === undefined) {
    // A broker that was killed has left what it had reserved.
    truncateSync(path, result.goodBytes)
    return
  }
  if (isLast && !result.goodAfterDamage) notices.push(cutTornEnd(path, result.goodBytes))
  else if (salvage) notices.push(salvageStart(path, result.goodBytes))
  else {
    throw new JournalDamagedError(
      `${path} is damaged at byte ${result.damagedAt}, and more records follow. Restore the file from a backup, ` +
        `or start once with --salvage: what follows in this file is then left out, and the damaged file is kept as ${freePath(`${path}.damaged`)}.`,
    )
  }
}

function cutTornEnd(path: string, goodBytes: number): string {
  const keptAs = freePath(`${path}.cut-${goodBytes}`)
  copyEnd(path, goodBytes, keptAs)
  truncateSync(path, goodBytes)
  return (
    `${path}: what stood from byte ${goodBytes} on is no whole record and was cut off; it is kept as ${keptAs}. ` +
    'A crash leaves such an end, of a write that was not acknowledged. If there was no crash, the disk has damaged it ' +
    'and acknowledged messages may be in it: restore the file from a backup.'
  )
}

function salvageStart(path: string, goodBytes: number): string {
  const keptAs = freePath(`${path}.damaged`)
  copyFileSync(path, keptAs)
  truncateSync(path, goodBytes)
  return `${path}: everything from byte ${goodBytes} on was left out; the damaged file is ${keptAs}.`
}
