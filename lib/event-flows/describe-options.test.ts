import { expect, it } from 'vitest'
import { describeOptions } from './describe-options'
import { DEFAULT_OPTIONS, type FlowOptions } from './words'

const textOf = (name: string, options: Partial<FlowOptions>) =>
  describeOptions({ ...DEFAULT_OPTIONS, ...options }).find((option) => option.name === name)?.text

it.each([
  ['Concurrency', { concurrency: 4 }, '4 at a time, over all engines'],
  ['Message order', { messageOrder: 'session' }, 'Per session'],
  ['Back-off', { backOffKind: 'none' }, 'none: a failed message is delivered again at once'],
  ['Back-off', { backOffKind: 'fixed', backOffFirstSeconds: 20 }, 'fixed: 20 s after each failure'],
  ['Back-off', {}, 'exponential: 1 s after the first failure, then twice as long each time, at most 1 min'],
  ['Lock renewal', {}, 'as long as a message is in work'],
  ['Lock renewal', { lockRenewalLimitMinutes: 30 }, 'at most 30 min a message'],
] as const)('%s of %o reads “%s”', (name, options, text) => {
  expect(textOf(name, options)).toBe(text)
})
