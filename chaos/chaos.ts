import { readOptions } from './frame/options'
import { type Ending, formatTable, isGood, writeReport } from './frame/report'
import { runScenario } from './frame/run-scenario'
import { SCENARIOS } from './scenarios'

const { scenarios, seed, messages, rounds, isList } = readOptions(SCENARIOS)
if (isList) {
  const width = Math.max(...SCENARIOS.map(({ name }) => name.length))
  for (const { name, sentence } of SCENARIOS) process.stdout.write(`${name.padEnd(width)}  ${sentence}\n`)
  process.exit(0)
}
process.stdout.write(
  `Seed ${seed}. The same blows again: npm run chaos -- ${process.argv.slice(2).filter(isNoSeed).join(' ')} --seed ${seed}\n`,
)
const endings: Ending[] = []
for (const scenario of scenarios) {
  process.stdout.write(`\n${scenario.name}: ${scenario.sentence}\n`)
  const startedAt = performance.now()
  const say = (text: string) => {
    process.stdout.write(`  ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}\n`)
  }
  const { ending, isOverdue } = await runScenario(scenario, { seed, messages, rounds, say })
  endings.push(ending)
  writeReport(ending, { seed, messages, rounds })
  // What is left of it would disturb the others.
  if (isOverdue) break
}
process.stdout.write(`\n${formatTable(endings)}\n\nWritten to .data/chaos\n`)
process.exit(endings.every(isGood) && endings.length === scenarios.length ? 0 : 1)

function isNoSeed(_: string, index: number): boolean {
  const args = process.argv.slice(2)
  return !args[index]?.startsWith('--seed') && args[index - 1] !== '--seed'
}
