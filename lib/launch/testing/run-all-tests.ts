import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buildConsole } from '../build'
import { ensureBubblewrap } from '../ensure-bubblewrap'
import { describeFailure, LaunchError } from '../entry/launch-error.mjs'
import { ROOT } from '../entry/root.mjs'
import { runCommand, runNode } from '../entry/run-command.mjs'
import { say } from '../entry/steps.mjs'
import { stopSignal } from '../entry/stopping.mjs'
import { ensureChromium } from './find-chromium'
import { failedOne, passedOne, sum, type Tally, tallyPlaywright, tallyVitest } from './tally'

const BIOME = 'node_modules/@biomejs/biome/bin/biome'
const NEXT = 'node_modules/next/dist/bin/next'

/** Runs every check there is; the last line is the total. A step that could not run counts as failed. */
export async function runAllTests(): Promise<number> {
  const reports = mkdtempSync(path.join(os.tmpdir(), 'headrace-reports-'))
  try {
    const tallies = [
      await check('Sandbox helper', prepare(ensureBubblewrap)),
      await check('Browser', prepare(ensureChromium)),
      await check('Format', () => runTool(BIOME, ['format'])),
      await check('Lint', () => runTool(BIOME, ['check', '--formatter-enabled=false', '--error-on-warnings'])),
      await check('Types', runTypeCheck),
      await check('Unit and integration tests', () => runVitest(path.join(reports, 'vitest.json'))),
      await check('Production build', runBuild),
      await check('Journeys in the browser', () => runJourneys(path.join(reports, 'playwright.json'))),
    ]
    const { passed, failed, notes } = sum(tallies)
    for (const note of notes) say(`  ${note}`)
    say(`${passed} passed, ${failed} failed`)
    return failed === 0 && !stopSignal.aborted ? 0 : 1
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
}

async function check(title: string, work: () => Promise<Tally>): Promise<Tally> {
  if (stopSignal.aborted) return failedOne(`${title}: stopped before it ran`)
  const startedAt = Date.now()
  say(`\n${title}`)
  const tally = await work().catch((error: unknown) => failedOne(`${title}: ${describe(error)}`))
  say(`${title}: ${tally.passed} passed, ${tally.failed} failed (${Math.round((Date.now() - startedAt) / 1000)} s)`)
  return tally
}

/** What the tests need from the machine is no check of its own; only its absence counts. */
function prepare(ensure: () => Promise<string | undefined>): () => Promise<Tally> {
  return async () => {
    const missing = await ensure()
    return missing ? failedOne(missing) : { passed: 0, failed: 0, notes: [] }
  }
}

async function runTool(script: string, args: string[]): Promise<Tally> {
  const { code, output } = await runNode(path.join(ROOT, script), args, { cwd: ROOT })
  if (code === 0) return passedOne
  say(output)
  return failedOne(`${path.basename(script)} ${args.join(' ')}: exit code ${code}`)
}

/** Next's types of routes are generated; without them a fresh clone would be checked against less. */
async function runTypeCheck(): Promise<Tally> {
  const generated = await runNode(path.join(ROOT, NEXT), ['typegen'], { cwd: ROOT })
  if (generated.code !== 0) return failedOne(`next typegen: ${generated.output}`)
  return runTool('node_modules/typescript/bin/tsc', ['--noEmit', '--incremental', 'false'])
}

async function runVitest(report: string): Promise<Tally> {
  const args = ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
  const { code } = await runCommand(process.execPath, [path.join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  return tallyVitest(JSON.parse(readFileSync(report, 'utf8')), code)
}

async function runBuild(): Promise<Tally> {
  await buildConsole(ROOT)
  return passedOne
}

async function runJourneys(report: string): Promise<Tally> {
  const cli = path.join(ROOT, 'node_modules/@playwright/test/cli.js')
  const { code } = await runCommand(process.execPath, [cli, 'test', '--reporter=list,json'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  })
  return tallyPlaywright(JSON.parse(readFileSync(report, 'utf8')), code)
}

function describe(error: unknown): string {
  if (error instanceof LaunchError) return describeFailure(error, '').trim()
  return error instanceof Error ? error.message : String(error)
}
