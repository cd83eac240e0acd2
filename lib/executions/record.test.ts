import { describe, expect, it } from 'vitest'
import type { Invocation, Payload, RunErrorKind } from '@/lib/runtime/port'
import { newExecutionId } from './id'
import { inputAsTaken, PREVIEW_BYTES, previewPayload, toExecutionColumns } from './record'

const report = { durationMs: 1.5, queuedMs: 0, isColdStart: false, stdout: 'a\0b', stderr: '', isTruncated: true }
const text = (content: string): Payload => ({ type: 'text', bytes: Buffer.from(content) })

function failed(kind: RunErrorKind, changes: { stackTrace?: string } = {}): Invocation {
  return { ...report, ok: false, error: { kind, errorType: 'AlgorithmError', message: 'no\0pe', ...changes } }
}

describe('inputAsTaken', () => {
  const ran: Invocation = { ...report, ok: true, result: text('') }
  const guess: Payload = { type: 'json', bytes: Buffer.from('{a}'), isGuess: true }
  const bytes: Payload = { type: 'json', bytes: Buffer.from([0x22, 0xff, 0x22]) }

  it.each<[string, Payload, Invocation, Payload['type']]>([
    ['a guess that ran', guess, ran, 'json'],
    ['a guess that ran as text', guess, { ...ran, isText: true }, 'text'],
    ['a guess whose run as text failed', guess, { ...failed('timeout'), isText: true }, 'text'],
    ['JSON whose run failed', bytes, failed('algorithm_error'), 'json'],
    ['JSON that is none', { type: 'json', bytes: guess.bytes }, failed('unusable_input'), 'text'],
    ['JSON that is not even text', bytes, failed('unusable_input'), 'binary'],
  ])('says of %s what it was', (_, input, invocation, type) => {
    expect(inputAsTaken(input, invocation)).toMatchObject({ type, bytes: input.bytes })
  })
})

describe('toExecutionColumns', () => {
  it('tells of a result', () => {
    expect(toExecutionColumns({ ...report, ok: true, result: text('hello') }, text('foo'))).toEqual({
      execution: {
        status: 'succeeded',
        inputType: 'text',
        inputPreview: 'foo',
        inputBytes: 3,
        resultType: 'text',
        resultPreview: 'hello',
        resultBytes: 5,
        durationMs: 1.5,
      },
      log: { stdout: 'a\uFFFDb', stderr: '', isTruncated: true },
    })
  })

  it.each<[RunErrorKind, string]>([
    ['algorithm_error', 'failed'],
    ['timeout', 'failed'],
    ['not_built', 'failed'],
    ['aborted', 'abandoned'],
  ])('counts %s as %s', (kind, status) => {
    expect(toExecutionColumns(failed(kind), text('')).execution).toMatchObject({ status, errorMessage: 'no\uFFFDpe' })
  })

  it('keeps a stack trace, or null', () => {
    const stackOf = (invocation: Invocation) => toExecutionColumns(invocation, text('')).execution
    expect(stackOf(failed('algorithm_error', { stackTrace: 'at 1' }))).toMatchObject({ errorStack: 'at 1' })
    expect(stackOf(failed('algorithm_error'))).toMatchObject({ errorStack: null })
  })
})

describe('previewPayload', () => {
  it('keeps at most 64 KiB and no half of a character', () => {
    expect(previewPayload(text('é'.repeat(PREVIEW_BYTES)))).toBe('é'.repeat(PREVIEW_BYTES / 2))
    expect(previewPayload(text(`a${'é'.repeat(PREVIEW_BYTES)}`))).toBe(`a${'é'.repeat(PREVIEW_BYTES / 2 - 1)}`)
  })

  it('keeps a byte order mark: with it the preview is all of it', () => {
    expect(previewPayload(text('\uFEFFa'))).toBe('\uFEFFa')
  })

  it('shows what is not UTF-8 as far as a row can hold it', () => {
    expect(previewPayload({ type: 'text', bytes: Buffer.from([0x61, 0xff, 0x00]) })).toBe('a\uFFFD\uFFFD')
    expect(previewPayload({ type: 'binary', bytes: Buffer.from([0, 255]) })).toBe('AP8=')
  })
})

describe('newExecutionId', () => {
  it('makes UUIDs of version 7 in the order of time', () => {
    const ids = [1_000, 2_000, Date.now()].map(newExecutionId)
    expect(ids).toEqual([...ids].sort())
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
