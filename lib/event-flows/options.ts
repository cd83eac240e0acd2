import type { Prisma } from '@/lib/generated/prisma/client'
import type { FlowOptions } from './words'

/** What a query selects to have a flow's options. */
export const OPTION_COLUMNS = {
  concurrency: true,
  messageOrder: true,
  backOffKind: true,
  backOffFirstSeconds: true,
  backOffLongestMinutes: true,
  outputCollection: true,
  outputNameTemplate: true,
  lockRenewalLimitMinutes: true,
} satisfies Record<keyof FlowOptions, true> & Prisma.EventFlowSelect

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
