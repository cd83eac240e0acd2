/** How many checks of one step passed and failed, and what people should read when some did not. */
export type Tally = { passed: number; failed: number; notes: string[] }

export const passedOne: Tally = { passed: 1, failed: 0, notes: [] }

export function failedOne(note: string): Tally {
  return { passed: 0, failed: 1, notes: [note] }
}

export function sum(tallies: Tally[]): Tally {
  return {
    passed: tallies.reduce((total, tally) => total + tally.passed, 0),
    failed: tallies.reduce((total, tally) => total + tally.failed, 0),
    notes: tallies.flatMap((tally) => tally.notes),
  }
}

type VitestReport = {
  success: boolean
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { status: string; fullName: string }[]
  }[]
}

/**
 * Counts a report of vitest's JSON reporter. A file that could not be loaded, and a run that failed without a failed
 * test (a teardown, an unhandled error), count as one failure each.
 */
export function tallyVitest(report: VitestReport, exitCode: number): Tally {
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const passed = tests.filter((test) => test.status === 'passed').length
  const notes = tests.filter((test) => test.status === 'failed').map((test) => `failed: ${test.fullName}`)
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      notes.push(`failed outside its tests: ${file.name}`)
    }
  }
  if (exitCode !== 0 && notes.length === 0) notes.push('failed outside any test: see what vitest printed')
  const failed = notes.length
  const skipped = tests.length - passed - tests.filter((test) => test.status === 'failed').length
  if (skipped) notes.push(`${skipped} unit tests do not apply to this platform`)
  return { passed, failed, notes }
}

type PlaywrightSuite = { suites?: PlaywrightSuite[]; specs?: PlaywrightSpec[] }
type PlaywrightSpec = { title: string; tests: { status: 'expected' | 'unexpected' | 'flaky' | 'skipped' }[] }
type PlaywrightReport = { suites: PlaywrightSuite[]; errors: { message?: string }[] }

/** Counts a report of Playwright's JSON reporter. A journey that did not run, or only at a second try, failed. */
export function tallyPlaywright(report: PlaywrightReport, exitCode: number): Tally {
  const specs = report.suites.flatMap(specsOf)
  const outcomes = specs.flatMap((spec) => spec.tests.map((test) => ({ title: spec.title, status: test.status })))
  const passed = outcomes.filter((outcome) => outcome.status === 'expected').length
  const notes = outcomes
    .filter((outcome) => outcome.status !== 'expected')
    .map(({ title, status }) => `${status === 'skipped' ? 'did not run' : 'failed'}: ${title}`)
  for (const error of report.errors) notes.push(`failed outside any journey: ${error.message ?? 'unknown'}`)
  if (exitCode !== 0 && notes.length === 0) notes.push('failed outside any journey: see what Playwright printed')
  if (outcomes.length === 0 && notes.length === 0) notes.push('no journey ran')
  return { passed, failed: notes.length, notes }
}

function specsOf(suite: PlaywrightSuite): PlaywrightSpec[] {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)]
}
