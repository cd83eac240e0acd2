import { describe, expect, it } from 'vitest'
import type { RunErrorKind } from '@/lib/runtime/port'
import {
  backOffMs,
  backOffPolicy,
  DEFAULT_BACK_OFF,
  type Decision,
  decide,
  type ObstacleKind,
  type Outcome,
} from './decide'

const failed = (kind: RunErrorKind, message = 'It went wrong.'): Outcome => ({
  kind: 'failed',
  error: { kind, errorType: 'SomeError', message },
})

const abandonAfter = (afterMs: number): Decision => ({ action: 'abandon', afterMs })
const tryAgain = (kind: ObstacleKind, afterMs: number): Decision => ({
  action: 'try_again',
  afterMs,
  obstacle: { kind, text: 'It went wrong.' },
})
const hindered = (kind: ObstacleKind): Outcome => ({ kind: 'hindered', obstacle: { kind, text: 'It went wrong.' } })

/** The whole policy: outcome and attempt on the left, decision on the right. */
const TABLE: [situation: string, Outcome, attempt: number, Decision][] = [
  ['success', { kind: 'succeeded' }, 1, { action: 'complete' }],
  ['success at the tenth attempt', { kind: 'succeeded' }, 10, { action: 'complete' }],
  ['a message that has won already', { kind: 'already_won' }, 2, { action: 'complete' }],
  ['algorithm error, first attempt', failed('algorithm_error'), 1, abandonAfter(1_000)],
  ['algorithm error, second attempt', failed('algorithm_error'), 2, abandonAfter(2_000)],
  ['algorithm error, sixth attempt', failed('algorithm_error'), 6, abandonAfter(32_000)],
  ['algorithm error, hundredth attempt', failed('algorithm_error'), 100, abandonAfter(60_000)],
  ['code that can not be loaded', failed('loading_error'), 1, abandonAfter(1_000)],
  ['timeout', failed('timeout'), 3, abandonAfter(4_000)],
  ['out of memory', failed('out_of_memory'), 1, abandonAfter(1_000)],
  ['worker crash', failed('worker_exit'), 1, abandonAfter(1_000)],
  ['no worker free', failed('overloaded'), 5, tryAgain('overloaded', 1_000)],
  ['build not there', failed('not_built'), 5, tryAgain('not_built', 5_000)],
  ['no isolation here', failed('sandbox_refused'), 5, tryAgain('sandbox_refused', 15_000)],
  ['killed inside the runtime', failed('aborted'), 1, { action: 'release' }],
  ['endpoint without a version', hindered('no_version'), 9, tryAgain('no_version', 5_000)],
  ['database down', hindered('database_away'), 9, tryAgain('database_away', 1_000)],
  ['disk for results full', hindered('storage_away'), 9, tryAgain('storage_away', 5_000)],
  ['no collection for the result', hindered('output_unwritable'), 9, tryAgain('output_unwritable', 5_000)],
  ['kept in hand for longer than the flow allows', { kind: 'held_too_long' }, 4, abandonAfter(0)],
  ['lock lost', { kind: 'lock_lost' }, 4, { action: 'leave' }],
  ['engine stopping', { kind: 'stopping' }, 4, { action: 'release' }],
  ['a row that can not be written', { kind: 'unrecordable' }, 2, abandonAfter(2_000)],
  [
    'a result too large',
    failed('result_too_large', 'The result has 20 MB.'),
    1,
    {
      action: 'dead_letter',
      reason: 'ResultTooLarge',
      description:
        'The result has 20 MB. Delivering it again would not change that. Let the algorithm write large results to hosted data and return their path, then send the message again.',
    },
  ],
  [
    'an input too large',
    failed('input_too_large', 'The input has 20 MB.'),
    1,
    {
      action: 'dead_letter',
      reason: 'InputTooLarge',
      description:
        'The input has 20 MB. Delivering it again would not change that. Put the data into a collection and send a message that names it.',
    },
  ],
  [
    'an unusable body',
    { kind: 'unusable_input', problem: 'The body is not JSON.' },
    1,
    {
      action: 'dead_letter',
      reason: 'UnusableInput',
      description: 'The body is not JSON. Correct the sender, or send the message again as text.',
    },
  ],
  [
    'a body that its worker can not parse',
    failed('unusable_input', 'The input is not JSON: Expecting value.'),
    1,
    {
      action: 'dead_letter',
      reason: 'UnusableInput',
      description: 'The input is not JSON: Expecting value. Correct the sender, or send the message again as text.',
    },
  ],
]

describe('decide', () => {
  it.each(TABLE)('%s', (_, outcome, attempt, decision) => {
    expect(decide(outcome, attempt)).toEqual(decision)
  })

  it('has a row for every way in which a run can fail', () => {
    const kinds: Record<RunErrorKind, true> = {
      algorithm_error: true,
      loading_error: true,
      timeout: true,
      out_of_memory: true,
      worker_exit: true,
      result_too_large: true,
      input_too_large: true,
      unusable_input: true,
      overloaded: true,
      not_built: true,
      sandbox_refused: true,
      aborted: true,
    }
    const covered = new Set(TABLE.flatMap(([, outcome]) => (outcome.kind === 'failed' ? [outcome.error.kind] : [])))
    expect([...covered].sort()).toEqual(Object.keys(kinds).sort())
  })

  it('never sends the broker a longer description than it takes', () => {
    const decision = decide(failed('result_too_large', 'x'.repeat(10_000)), 1)
    expect(decision.action === 'dead_letter' && decision.description.length).toBe(2_000)
  })
})

describe('backOffMs', () => {
  it('doubles from one second to a minute when nothing else was chosen', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backOffMs(attempt, DEFAULT_BACK_OFF))
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  it.each([
    ['none', [0, 0, 0, 0]],
    ['fixed', [5_000, 5_000, 5_000, 5_000]],
    ['exponential', [5_000, 10_000, 12_000, 12_000]],
  ] as const)('follows the policy %s', (kind, expected) => {
    const policy = backOffPolicy(kind, 5_000, 12_000)
    expect([1, 2, 3, 4].map((attempt) => backOffMs(attempt, policy))).toEqual(expected)
  })
})
