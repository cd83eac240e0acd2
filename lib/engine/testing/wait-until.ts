import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 20

/** Waits for a condition, and hands back what made it true. Fails with `what` after `limitMs`. */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  limitMs = 40_000,
): Promise<T> {
  for (const end = Date.now() + limitMs; ; await sleep(POLL_MS)) {
    const result = await condition()
    if (result) return result
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain until ${what}`)
  }
}
