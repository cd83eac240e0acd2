import { z } from 'zod'
import { KIB, MIB, SECOND_MS, WORKER_LIMITS, type WorkerLimits } from '@/lib/runtime/limits'

type LimitRule = {
  label: string
  unit: string
  help: string
  /** For an algorithm without a setting of its own. */
  default: number
  /** Nothing useful runs with less. */
  min: number
  /** What an administrator allows while nobody has set it. */
  maximum: number
}

/** The limits that an algorithm may have of its own, in the units that people read. */
export const LIMIT_RULES = {
  memoryMib: {
    label: 'Memory',
    unit: 'MiB',
    help: 'Of all its processes together, files in /tmp included.',
    default: WORKER_LIMITS.memoryBytes / MIB,
    min: 96,
    maximum: 2048,
  },
  processes: {
    label: 'Processes and threads',
    unit: 'at once',
    help: 'Numerical libraries start a thread for each processor.',
    default: WORKER_LIMITS.processes,
    min: 16,
    maximum: 256,
  },
  openFiles: {
    label: 'Open files',
    unit: 'per process',
    help: 'Sockets count too.',
    default: WORKER_LIMITS.openFiles,
    min: 64,
    maximum: 1024,
  },
  fileMib: {
    label: 'File size',
    unit: 'MiB',
    help: `The largest file that it may write. /tmp holds ${WORKER_LIMITS.tmpBytes / MIB} MiB in all, whatever is set here.`,
    default: WORKER_LIMITS.fileBytes / MIB,
    min: 1,
    maximum: WORKER_LIMITS.tmpBytes / MIB,
  },
  cpuWeight: {
    label: 'CPU weight',
    unit: 'of 1024',
    help: 'Its share of a busy processor against other algorithms; an idle processor is never withheld.',
    default: WORKER_LIMITS.cpuShares,
    min: 2,
    maximum: 512,
  },
  outputKib: {
    label: 'Log output',
    unit: 'KiB',
    help: 'Kept of each of stdout and stderr per call: the first and the last half.',
    default: WORKER_LIMITS.outputBytes / KIB,
    min: 4,
    maximum: 4096,
  },
  timeSeconds: {
    label: 'Time',
    unit: 'seconds',
    help: 'The longest that one call may run, whatever its caller asks for.',
    default: WORKER_LIMITS.callMs / SECOND_MS,
    min: 1,
    maximum: WORKER_LIMITS.callMs / SECOND_MS,
  },
} as const satisfies Record<string, LimitRule>

export type LimitName = keyof typeof LIMIT_RULES
export const LIMIT_NAMES = Object.keys(LIMIT_RULES) as LimitName[]

/** A whole number above the rule's least; what is above an administrator's maximum is found by who knows it. */
export function limitSchema(name: LimitName) {
  const { min, label } = LIMIT_RULES[name]
  return z.number(`${label}: give a whole number.`).int('Give a whole number.').min(min, `At least ${min}.`)
}

/** An algorithm's own limits; what is left out has its default. */
export const AlgorithmLimits = z.object(
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, limitSchema(name).optional()])) as {
    [Name in LimitName]: z.ZodOptional<z.ZodNumber>
  },
)
export type AlgorithmLimits = z.infer<typeof AlgorithmLimits>
export type LimitMaxima = Record<LimitName, number>

/** What is stored, whatever an older version wrote. */
export function readLimits(stored: unknown): AlgorithmLimits {
  return AlgorithmLimits.catch({}).parse(stored)
}

/** What workers get: the algorithm's own limit or the default, and never more than the maximum of today. */
export function workerLimits(own: AlgorithmLimits, maxima: LimitMaxima): WorkerLimits {
  const value = (name: LimitName) => Math.min(own[name] ?? LIMIT_RULES[name].default, maxima[name])
  return {
    ...WORKER_LIMITS,
    memoryBytes: value('memoryMib') * MIB,
    processes: value('processes'),
    openFiles: value('openFiles'),
    fileBytes: value('fileMib') * MIB,
    cpuShares: value('cpuWeight'),
    outputBytes: value('outputKib') * KIB,
    callMs: value('timeSeconds') * SECOND_MS,
  }
}
