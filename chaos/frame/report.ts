import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeMachine, readCommit } from '@/bench/report'
import { ROOT } from '@/bench/root'
import { type Account, isSound } from './account'

/** How a scenario came out; `failure` instead of an account when it did not come to one. */
export type Ending = { name: string; seconds: number } & ({ account: Account } | { failure: string })

const SHOWN_IDS = 10

export const isGood = (ending: Ending): boolean => 'account' in ending && isSound(ending.account)

/** Writes `.data/chaos/<name>.json`. */
export function writeReport(ending: Ending, options: Record<string, unknown>): void {
  const directory = join(ROOT, '.data', 'chaos')
  mkdirSync(directory, { recursive: true })
  const head = {
    name: ending.name,
    at: new Date().toISOString(),
    machine: describeMachine(),
    commit: readCommit(),
    options,
  }
  const report = { ...head, ...ending, isGood: isGood(ending) }
  writeFileSync(join(directory, `${ending.name}.json`), `${JSON.stringify(report, null, 2)}\n`)
}

/** One line a scenario; what was wrong stands below. */
export function formatTable(endings: Ending[]): string {
  const head = ['scenario', 'sent', 'done', 'dead-lettered', 'queued', 'lost', 'doubled', 'seconds', '']
  const rows = [head, ...endings.map(cellsOf)]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd(),
  )
  return [lines[0], '-'.repeat(lines[0]?.length ?? 0), ...lines.slice(1), ...endings.flatMap(complaintsOf)].join('\n')
}

function cellsOf(ending: Ending): string[] {
  const verdict = isGood(ending) ? 'good' : 'BAD'
  const seconds = ending.seconds.toFixed(0)
  if (!('account' in ending)) return [ending.name, '', '', '', '', '', '', seconds, verdict]
  const { sent, done, deadLettered, queued, lost, doubled } = ending.account
  const numbers = [sent, done, deadLettered, queued, lost.length, doubled.length]
  return [ending.name, ...numbers.map(String), seconds, verdict]
}

/** Numbers to the right, words to the left. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === 8 ? cell.padEnd(width) : cell.padStart(width)
}

function complaintsOf(ending: Ending): string[] {
  if ('failure' in ending) return [`\n${ending.name}: ${ending.failure}`]
  const { lost, doubled, complaints } = ending.account
  const ids = (title: string, list: string[]) =>
    list.length > 0 ? [`${title} ${list.slice(0, SHOWN_IDS).join(', ')}${list.length > SHOWN_IDS ? ', …' : ''}.`] : []
  const sentences = [...ids('Lost:', lost), ...ids('Doubled:', doubled), ...complaints]
  return sentences.length > 0 ? [`\n${ending.name}: ${sentences.join('\n  ')}`] : []
}
