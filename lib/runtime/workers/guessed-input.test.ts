import { expect, it } from 'vitest'
import type { Invocation, Payload, RunnableVersion } from '../port'
import { invokeGuess } from './guessed-input'

const REPORT = { durationMs: 2, queuedMs: 3, isColdStart: true, stdout: 'loaded\n', stderr: '', isTruncated: false }
const GUESS: Payload = { type: 'json', bytes: Buffer.from('{dear sir}'), isGuess: true }

function run(...answers: Invocation[]) {
  const inputs: Payload[] = []
  const invoke = async (_: RunnableVersion, input: Payload) => answers[inputs.push(input) - 1] as Invocation
  const outcome = invokeGuess({ invoke }, {} as RunnableVersion, GUESS, { timeoutMs: 1_000 })
  return { inputs, outcome }
}

const failed = (kind: 'unusable_input' | 'algorithm_error'): Invocation => ({
  ...REPORT,
  ok: false,
  error: { kind, errorType: 'SomeError', message: 'It went wrong.' },
})

it('a guess that is no JSON runs as text, and reports both ways as one', async () => {
  const result: Payload = { type: 'json', bytes: Buffer.from('1') }
  const second = { ...REPORT, isColdStart: false, stdout: 'ran\n' }
  const { inputs, outcome } = run(failed('unusable_input'), { ...second, ok: true, result })
  const report = { durationMs: 2, queuedMs: 8, isColdStart: true, stdout: 'loaded\nran\n', stderr: '' }
  expect(await outcome).toEqual({ ...report, isTruncated: false, isText: true, ok: true, result })
  expect(inputs).toEqual([GUESS, { type: 'text', bytes: GUESS.bytes }])
})

it('a guess whose algorithm fails is not run again', async () => {
  const { inputs, outcome } = run(failed('algorithm_error'))
  expect(await outcome).toEqual(failed('algorithm_error'))
  expect(inputs).toHaveLength(1)
})
