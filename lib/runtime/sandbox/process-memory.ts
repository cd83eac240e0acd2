import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** A process and everything that it started and that is still below it, as `/proc` says. Empty without a `/proc`. */
export function processTree(pid: number): number[] {
  const children = readProc(`${pid}/task/${pid}/children`)
  if (children === undefined) return []
  return [pid, ...children.trim().split(' ').filter(Boolean).map(Number).flatMap(processTree)]
}

/** The share of a process tree in the memory that it has (PSS), in bytes. */
export function treeMemory(pid: number): number {
  return processTree(pid).reduce((sum, one) => sum + pssOf(readProc(`${one}/smaps_rollup`)), 0)
}

/** The same without holding up the server; undefined when the system does not tell. */
export async function measureTree(pid: number): Promise<number | undefined> {
  const texts = await Promise.all(
    processTree(pid).map((one) => readFile(`/proc/${one}/smaps_rollup`, 'utf8').catch(() => undefined)),
  )
  const known = texts.filter((text) => text !== undefined)
  return known.length > 0 ? known.reduce((sum, text) => sum + pssOf(text), 0) : undefined
}

function pssOf(rollup: string | undefined): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(rollup ?? '')
  return match ? Number(match[1]) * 1024 : 0
}

function readProc(file: string): string | undefined {
  try {
    return readFileSync(`/proc/${file}`, 'utf8')
  } catch {
    return undefined // it has just ended
  }
}
