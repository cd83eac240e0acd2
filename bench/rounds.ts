/** A measurement that takes longer has gone wrong: the run ends instead of waiting for ever. */
const LONGEST_MS = 120_000

/** What one measurement yields, by name. */
export type Sample = Record<string, number>

/**
 * Measures the baseline and the subjects in turn, `rounds` times, so that a noisy moment meets all of them; returns the
 * medians of each, in the order given.
 */
export async function measureInTurn(rounds: number, ...measures: (() => Promise<Sample>)[]): Promise<Sample[]> {
  const samples: Sample[][] = measures.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, measure] of measures.entries()) {
      const sample = await withinLimit(measure())
      samples[index]?.push(sample)
      if (process.env.BENCH_VERBOSE) process.stderr.write(`${JSON.stringify(sample)}\n`)
    }
  }
  return samples.map(medians)
}

async function withinLimit(sample: Promise<Sample>): Promise<Sample> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a measurement took more than ${LONGEST_MS / 1000} s`)), LONGEST_MS)
  })
  return Promise.race([sample, late]).finally(() => clearTimeout(timer))
}

function medians(samples: Sample[]): Sample {
  const names = Object.keys(samples[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, median(samples.map((sample) => sample[name] ?? Number.NaN))]))
}

export function median(values: number[]): number {
  return quantile(values, 0.5)
}

/** The value that `share` of the values do not exceed. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
