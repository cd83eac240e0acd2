import { describe, expect, it } from 'vitest'
import { sum, tallyPlaywright, tallyVitest } from './tally'

const file = (statuses: string[], status = 'passed') => ({
  name: 'a.test.ts',
  status,
  assertionResults: statuses.map((each, index) => ({ status: each, fullName: `test ${index}` })),
})

describe('counting vitest', () => {
  it('counts tests, and names those that failed', () => {
    const report = { success: false, testResults: [file(['passed', 'failed', 'passed'], 'failed')] }
    expect(tallyVitest(report, 1)).toEqual({ passed: 2, failed: 1, notes: ['failed: test 1'] })
  })

  it('counts a file that could not be loaded as a failure', () => {
    expect(tallyVitest({ success: false, testResults: [file([], 'failed')] }, 1).failed).toBe(1)
  })

  it('counts a run that failed without a failed test as a failure', () => {
    expect(tallyVitest({ success: true, testResults: [file(['passed'])] }, 1)).toMatchObject({ passed: 1, failed: 1 })
  })

  it('mentions tests that do not apply, without counting them', () => {
    const tally = tallyVitest({ success: true, testResults: [file(['passed', 'skipped'])] }, 0)
    expect(tally).toEqual({ passed: 1, failed: 0, notes: ['1 unit tests do not apply to this platform'] })
  })
})

describe('counting Playwright', () => {
  const suite = (...statuses: ('expected' | 'unexpected' | 'flaky' | 'skipped')[]) => ({
    suites: [{ specs: statuses.map((status) => ({ title: status, tests: [{ status }] })) }],
  })

  it('counts journeys that did not run as failed', () => {
    const tally = tallyPlaywright({ suites: [suite('expected', 'unexpected', 'skipped')], errors: [] }, 1)
    expect(tally).toEqual({ passed: 1, failed: 2, notes: ['failed: unexpected', 'did not run: skipped'] })
  })

  it('counts a server that did not start as a failure', () => {
    const tally = tallyPlaywright({ suites: [], errors: [{ message: 'up ended' }] }, 1)
    expect(tally.failed).toBe(1)
  })

  it('does not take an empty run for a success', () => {
    expect(tallyPlaywright({ suites: [], errors: [] }, 0).failed).toBe(1)
  })
})

it('sums steps', () => {
  const total = sum([
    { passed: 2, failed: 1, notes: ['a'] },
    { passed: 3, failed: 0, notes: ['b'] },
  ])
  expect(total).toEqual({ passed: 5, failed: 1, notes: ['a', 'b'] })
})
