import { z } from 'zod'
import { LIMIT_NAMES, LIMIT_RULES, type LimitMaxima, type LimitName, limitSchema } from '@/lib/algorithms/limits'
import { explainEntry } from '@/lib/runtime/gate/allow-list'
import { MAX_WORKERS, MAX_WORKERS_PER_VERSION, MIB, WARM_WORKERS_PER_VERSION } from '@/lib/runtime/limits'
import type { RuntimePolicy } from '@/lib/runtime/port'

const MIN_BUDGET_MIB = 128
const MAX_ALLOW_LIST_ENTRIES = 200

const Maxima = z.object(
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, limitSchema(name).default(LIMIT_RULES[name].maximum)])) as {
    [Name in LimitName]: z.ZodDefault<z.ZodNumber>
  },
)

const wholeNumber = (max: number, min = 0) =>
  z.number('Give a whole number.').int('Give a whole number.').min(min, `At least ${min}.`).max(max, `At most ${max}.`)

const AllowListEntries = z
  .array(z.string().trim().min(1).max(300))
  .max(MAX_ALLOW_LIST_ENTRIES, `At most ${MAX_ALLOW_LIST_ENTRIES} lines.`)
  .superRefine((entries, check) => {
    const wrong = entries.map(explainEntry).find((text) => text !== undefined)
    if (wrong) check.addIssue({ code: 'custom', message: wrong })
  })

/** What an administrator sets for the workers of this installation; what is left out has its default. */
export const RuntimeSettings = z.object({
  maxima: Maxima.prefault({}),
  warmWorkersPerVersion: wholeNumber(50).default(WARM_WORKERS_PER_VERSION),
  maxWorkersPerVersion: wholeNumber(MAX_WORKERS, 1).default(MAX_WORKERS_PER_VERSION),
  /** Null: half of the machine's memory. */
  memoryBudgetMib: wholeNumber(16 * 1024 * 1024, MIN_BUDGET_MIB)
    .nullable()
    .default(null),
  egressAllowList: AllowListEntries.default([]),
})
export type RuntimeSettings = z.infer<typeof RuntimeSettings>
export type UpdateRuntimeSettings = z.input<typeof RuntimeSettings>

export type { LimitMaxima }

export function policyOf(settings: RuntimeSettings): RuntimePolicy {
  const { warmWorkersPerVersion, maxWorkersPerVersion, memoryBudgetMib, egressAllowList } = settings
  const memoryBudgetBytes = memoryBudgetMib === null ? null : memoryBudgetMib * MIB
  return { warmWorkersPerVersion, maxWorkersPerVersion, memoryBudgetBytes, egressAllowList }
}
