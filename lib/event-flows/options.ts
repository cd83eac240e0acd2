import type { FlowOptions } from './words'

/** The options among the columns of a flow, or among a command's parsed input. */
export function optionColumns(input: FlowOptions): FlowOptions {
  return {
    concurrency: input.concurrency,
    messageOrder: input.messageOrder,
    backOffKind: input.backOffKind,
    backOffFirstSeconds: input.backOffFirstSeconds,
    backOffLongestMinutes: input.backOffLongestMinutes,
    outputCollection: input.outputCollection,
    outputNameTemplate: input.outputNameTemplate,
    lockRenewalLimitMinutes: input.lockRenewalLimitMinutes,
  }
}
