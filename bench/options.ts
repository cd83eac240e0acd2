import { parseArgs } from 'node:util'

export type BenchOptions = {
  /** How often baseline and subject are measured, in turn. */
  rounds: number
  /** Fewer messages and shorter waits: for a look, not for a figure to quote. */
  quick: boolean
  /** Parts to run; all when empty. */
  only: string[]
}

/** Reads `--rounds n`, `--quick` and `--only part,part`; anything else ends the program with the usage. */
export function readOptions(name: string, parts: string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '3' },
        quick: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
      },
    })
    const rounds = Number(values.rounds)
    const only = values.only.split(',').filter(Boolean)
    const unknown = only.find((part) => !parts.includes(part))
    if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds must be a whole number above 0.')
    if (unknown) throw new Error(`--only ${unknown} is no part.`)
    return { rounds, quick: values.quick, only }
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message}\nUsage: npm run bench:${name} -- [--rounds 3] [--quick] [--only ${parts.join(',')}]\n`,
    )
    process.exit(2)
  }
}
