/** Choices that a seed repeats. */
export interface Random {
  /** From 0, below 1. */
  share(): number
  /** A whole number, both ends included. */
  integer(from: number, to: number): number
  pick<T>(list: readonly [T, ...T[]]): T
  /** So many shares in ascending order, none nearer to 0 or 1 than `margin`: moments of a run. */
  moments(count: number, margin?: number): number[]
}

const DEFAULT_MARGIN = 0.1

/** Each `name` has a sequence of its own, so that a scenario chooses the same alone and among others. */
export function seededRandom(seed: number, name: string): Random {
  let state = (seed ^ hash(name)) >>> 0
  // Mulberry32: 32 bits of state are plenty for some dozens of choices.
  const share = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    share,
    integer: (from, to) => from + Math.floor(share() * (to - from + 1)),
    pick: (list) => list[Math.floor(share() * list.length)] as (typeof list)[number],
    moments: (count, margin = DEFAULT_MARGIN) =>
      Array.from({ length: count }, () => margin + share() * (1 - 2 * margin)).sort((a, b) => a - b),
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193)
  return value >>> 0
}
