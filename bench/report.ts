import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './root'

/** What a figure should be: its value, its ratio to the baseline, or how much it is above the baseline. */
export type Goal = { of?: 'value' | 'ratio' | 'difference'; atLeast?: number; atMost?: number }

/** One line of a report. `met` is null where no goal was set. */
export type Figure = {
  metric: string
  value: number
  unit: string
  baseline: number | null
  ratio: number | null
  goal: string | null
  met: boolean | null
}

export type Report = { name: string; title: string; options: Record<string, unknown>; figures: Figure[] }

export function figure(metric: string, unit: string, value: number, baseline?: number, goal?: Goal): Figure {
  const ratio = baseline === undefined || baseline === 0 ? null : round(value / baseline)
  const judged = goal && judge(goal, value, baseline)
  return {
    metric,
    value: round(value),
    unit,
    baseline: baseline === undefined ? null : round(baseline),
    ratio,
    goal: goal ? describeGoal(goal) : null,
    met: judged ?? null,
  }
}

/** Prints the table and writes `.data/bench/<name>.json`. A missed goal is shown, never an error. */
export function publish({ name, title, options, figures }: Report): void {
  const head = { name, at: new Date().toISOString(), machine: describeMachine(), commit: readCommit(), options }
  const { machine } = head
  process.stdout.write(`\n${title}\n`)
  process.stdout.write(
    `${machine.processors} × ${machine.processor}, ${machine.memoryGb} GB, Node ${machine.node}; load at the end ${machine.load}; commit ${head.commit}\n\n`,
  )
  process.stdout.write(`${formatTable(figures)}\n`)
  const directory = join(ROOT, '.data', 'bench')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${name}.json`)
  writeFileSync(file, `${JSON.stringify({ ...head, figures }, null, 2)}\n`)
  process.stdout.write(`\nWritten to .data/bench/${name}.json\n`)
}

export function formatTable(figures: Figure[]): string {
  const rows = figures.map((row) => [
    row.metric,
    `${row.value} ${row.unit}`,
    row.baseline === null ? '' : String(row.baseline),
    row.ratio === null ? '' : row.ratio.toFixed(2),
    row.goal ?? '',
    row.met === null ? '' : row.met ? 'met' : 'MISSED',
  ])
  const table = [['figure', 'value', 'baseline', 'ratio', 'goal', ''], ...rows]
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 1 || column === 2 || column === 3
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  return [lines[0], '-'.repeat(lines[0]?.length ?? 0), ...lines.slice(1)].join('\n')
}

function judge({ of = 'value', atLeast, atMost }: Goal, value: number, baseline: number | undefined): boolean {
  const judged =
    of === 'value' ? value : of === 'ratio' ? value / (baseline ?? Number.NaN) : value - (baseline ?? Number.NaN)
  return (atLeast === undefined || judged >= atLeast) && (atMost === undefined || judged <= atMost)
}

function describeGoal({ of = 'value', atLeast, atMost }: Goal): string {
  const what = { value: '', ratio: 'ratio ', difference: 'above baseline ' }[of]
  return atLeast === undefined ? `${what}≤ ${atMost}` : `${what}≥ ${atLeast}`
}

export function describeMachine() {
  const [first] = cpus()
  return {
    processor: first?.model.trim() ?? 'unknown processor',
    processors: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0]?.toFixed(1),
  }
}

export function readCommit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
    return (
      git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? ', changed' : '')
    )
  } catch {
    return 'unknown'
  }
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
