import { type FlowOptions, MESSAGE_ORDER_LABELS } from './words'

/** One option of a flow in words. */
export type OptionText = { name: string; text: string }

/** What a flow does with its messages, as a person reads it; the output collection's place is the page's to link. */
export function describeOptions(options: FlowOptions): OptionText[] {
  const { concurrency, messageOrder, lockRenewalLimitMinutes: limit } = options
  return [
    { name: 'Concurrency', text: `${concurrency} at a time, over all engines` },
    { name: 'Message order', text: MESSAGE_ORDER_LABELS[messageOrder] },
    { name: 'Back-off', text: backOffText(options) },
    {
      name: 'Lock renewal',
      text: limit === null ? 'as long as a message is in work' : `at most ${limit} min a message`,
    },
  ]
}

function backOffText({ backOffKind, backOffFirstSeconds: first, backOffLongestMinutes: longest }: FlowOptions): string {
  switch (backOffKind) {
    case 'none':
      return 'none: a failed message is delivered again at once'
    case 'fixed':
      return `fixed: ${first} s after each failure`
    case 'exponential':
      return `exponential: ${first} s after the first failure, then twice as long each time, at most ${longest} min`
  }
}
