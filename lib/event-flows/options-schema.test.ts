import { describe, expect, it } from 'vitest'
import { FlowOptionsInput } from './options-schema'
import { DEFAULT_OPTIONS } from './words'

/** What is wrong at the field, or undefined. */
const problem = (field: string, value: unknown) =>
  FlowOptionsInput.safeParse({ [field]: value }).error?.issues.find(({ path }) => path[0] === field)?.message

describe("an event flow's options", () => {
  it('have defaults, for what is left out and for what is blank', () => {
    expect(FlowOptionsInput.parse({})).toEqual(DEFAULT_OPTIONS)
    const blank = Object.fromEntries(
      Object.keys(DEFAULT_OPTIONS)
        .filter((name) => !['messageOrder', 'backOffKind'].includes(name))
        .map((name) => [name, ' ']),
    )
    expect(FlowOptionsInput.parse(blank)).toEqual(DEFAULT_OPTIONS)
  })

  it.each([
    ['concurrency', 1],
    ['concurrency', '256'],
    ['lockRenewalLimitMinutes', null],
    ['lockRenewalLimitMinutes', '1440'],
    ['backOffLongestMinutes', 60],
    ['messageOrder', 'session'],
    ['outputCollection', 'data://alice/results'],
    ['outputNameTemplate', '<date> <messageId>'],
  ])('may say %s %j', (field, value) => {
    expect(problem(field, value)).toBeUndefined()
  })

  it.each([
    ['concurrency', 0, 'from 1 to 256'],
    ['concurrency', '257', 'from 1 to 256'],
    ['concurrency', '1.5', 'whole number'],
    ['concurrency', 'many', 'whole number'],
    ['backOffFirstSeconds', '-1', 'from 1 to 3600'],
    ['backOffLongestMinutes', '1441', 'from 1 to 1440'],
    ['lockRenewalLimitMinutes', '0', 'or leave this blank'],
    ['messageOrder', 'random', 'Choose'],
    ['backOffKind', 'random', 'Choose'],
    ['outputCollection', 'results', 'OWNER/COLLECTION'],
    ['outputCollection', 'alice/results/x', 'OWNER/COLLECTION'],
    ['outputCollection', '../results', 'OWNER/COLLECTION'],
    ['outputCollection', 'alice/my results', 'letters, digits and _'],
    ['outputNameTemplate', 'a/<messageId>', 'no slash'],
    ['outputNameTemplate', '<messageId>-<time>', 'There is no field <time>'],
    ['outputNameTemplate', 'result.json', 'Every result would replace the one before'],
    ['outputNameTemplate', '<date>.json', 'Every result would replace the one before'],
  ])('may not say %s %j', (field, value, reason) => {
    expect(problem(field, value)).toContain(reason)
  })
})
