import { DEFAULT_OPTIONS } from '@/lib/event-flows/words'
import type { BackOffKind, MessageOrder } from '@/lib/generated/prisma/enums'

const MESSAGE_ORDERS: readonly MessageOrder[] = ['unordered', 'session']
const BACK_OFF_KINDS: readonly BackOffKind[] = ['none', 'fixed', 'exponential']

/** The fields of the Advanced part as they were typed; what is not shown keeps its default. */
export function optionValues(values: Record<string, string>) {
  return {
    concurrency: values.concurrency,
    messageOrder: MESSAGE_ORDERS.find((order) => order === values.messageOrder) ?? DEFAULT_OPTIONS.messageOrder,
    backOffKind: BACK_OFF_KINDS.find((kind) => kind === values.backOffKind) ?? DEFAULT_OPTIONS.backOffKind,
    backOffFirstSeconds: values.backOffFirstSeconds,
    backOffLongestMinutes: values.backOffLongestMinutes,
    outputCollection: values.outputCollection,
    outputNameTemplate: values.outputNameTemplate,
    lockRenewalLimitMinutes: values.lockRenewalLimitMinutes,
  }
}
