import { z } from 'zod'
import { collectionNameProblem } from '@/lib/data/uri'
import { DEFAULT_OPTIONS } from './words'

export const MAX_CONCURRENCY = 256
const MAX_FIRST_SECONDS = 3600
/** The longest a message waits between two deliveries: a day. */
const MAX_LONGEST_MINUTES = 1440
const MAX_LOCK_RENEWAL_MINUTES = 1440
const MAX_TEMPLATE_CHARS = 200

const FIELD = /<[^<>]*>/g
const KNOWN_FIELDS = ['<messageId>', '<sequenceNumber>', '<date>']
const ACCOUNT_NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/

/** A whole number as typed; blank, or left out, means `fallback`. */
function wholeNumber<Fallback extends number | null>(
  fallback: Fallback,
  { min, max, unit }: { min: number; max: number; unit: string },
) {
  const text = `Enter a whole number of ${unit} from ${min} to ${max}${fallback === null ? ', or leave this blank' : ''}.`
  return z
    .union([z.string(), z.number()])
    .nullish()
    .transform((value) =>
      value === undefined || value === null || String(value).trim() === '' ? fallback : Number(value),
    )
    .refine((value) => value === null || (Number.isInteger(value) && value >= min && value <= max), text)
}

/** `OWNER/COLLECTION`, with or without `data://`; blank means none. */
const OutputCollection = z
  .string()
  .nullish()
  .transform(
    (text) =>
      text
        ?.trim()
        .replace(/^data:\/\//i, '')
        .replace(/^\/+|\/+$/g, '') || null,
  )
  .superRefine((place, check) => {
    const problem = place === null ? undefined : placeProblem(place)
    if (problem) check.addIssue({ code: 'custom', message: problem })
  })

const OutputNameTemplate = z
  .string()
  .nullish()
  .transform((text) => text?.trim() || DEFAULT_OPTIONS.outputNameTemplate)
  .superRefine((template, check) => {
    const problem = templateProblem(template)
    if (problem) check.addIssue({ code: 'custom', message: problem })
  })

/** The options of a flow as a form or an API call gives them; what is left out or blank gets its default. */
export const FlowOptionsInput = z.object({
  concurrency: wholeNumber(DEFAULT_OPTIONS.concurrency, { min: 1, max: MAX_CONCURRENCY, unit: 'messages' }),
  messageOrder: z
    .enum(['unordered', 'session'], { error: 'Choose “Unordered” or “Per session”.' })
    .default('unordered'),
  backOffKind: z
    .enum(['none', 'fixed', 'exponential'], { error: 'Choose none, fixed or exponential.' })
    .default('exponential'),
  backOffFirstSeconds: wholeNumber(DEFAULT_OPTIONS.backOffFirstSeconds, {
    min: 1,
    max: MAX_FIRST_SECONDS,
    unit: 'seconds',
  }),
  backOffLongestMinutes: wholeNumber(DEFAULT_OPTIONS.backOffLongestMinutes, {
    min: 1,
    max: MAX_LONGEST_MINUTES,
    unit: 'minutes',
  }),
  outputCollection: OutputCollection,
  outputNameTemplate: OutputNameTemplate,
  lockRenewalLimitMinutes: wholeNumber(null, { min: 1, max: MAX_LOCK_RENEWAL_MINUTES, unit: 'minutes' }),
})

function placeProblem(place: string): string | undefined {
  const [owner = '', collection, ...rest] = place.split('/')
  if (collection === undefined || rest.length > 0 || !ACCOUNT_NAME.test(owner)) {
    return 'An output collection looks like OWNER/COLLECTION, for example alice/results.'
  }
  return collectionNameProblem(collection)
}

function templateProblem(template: string): string | undefined {
  if (template.length > MAX_TEMPLATE_CHARS) return `A file name has at most ${MAX_TEMPLATE_CHARS} characters here.`
  if (template.includes('/')) return 'A file name has no slash: collections have no folders.'
  const fields = template.match(FIELD) ?? []
  const unknown = fields.find((field) => !KNOWN_FIELDS.includes(field))
  if (unknown) return `There is no field ${unknown}. Use ${KNOWN_FIELDS.join(', ')}.`
  const isOneFile = !template.includes('<messageId>') && !template.includes('<sequenceNumber>')
  return isOneFile
    ? 'Every result would replace the one before. Put <messageId> or <sequenceNumber> into the file name.'
    : undefined
}
