import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Scenario } from './scenario'

const MAX_SEED = 2 ** 31

export type ChaosOptions = {
  /** Those named, or all. */
  scenarios: Scenario[]
  seed: number
  messages: number | undefined
  rounds: number | undefined
  isList: boolean
}

/** Reads the command line; what makes no sense ends the program with the usage. */
export function readOptions(all: Scenario[]): ChaosOptions {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        messages: { type: 'string' },
        rounds: { type: 'string' },
        list: { type: 'boolean', default: false },
      },
    })
    const unknown = positionals.find((name) => !all.some((scenario) => scenario.name === name))
    if (unknown)
      throw new Error(`There is no scenario '${unknown}'. There are: ${all.map(({ name }) => name).join(', ')}.`)
    return {
      scenarios: positionals.length > 0 ? all.filter(({ name }) => positionals.includes(name)) : all,
      seed: wholeNumber('--seed', values.seed, 0) ?? randomInt(MAX_SEED),
      messages: wholeNumber('--messages', values.messages, 1),
      rounds: wholeNumber('--rounds', values.rounds, 1),
      isList: values.list,
    }
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message}\nUsage: npm run chaos -- [scenario…] [--seed N] [--messages N] [--rounds N] [--list]\n`,
    )
    process.exit(2)
  }
}

function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`${name} must be a whole number, ${least} or more.`)
  return number
}
