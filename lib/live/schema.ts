import { z } from 'zod'
import type { LiveTopic } from './bus'

const MAX_TOPICS = 50

const Topic = z.union([
  z.literal('admin'),
  z.templateLiteral([z.enum(['flow', 'algorithm', 'build', 'account', 'collection']), ':', z.uuid()]),
])

/** From when on changes count, in milliseconds; nonsense is as none. */
export const LiveSince = z.coerce.number().optional().catch(undefined)

/** Topics from a query string, separated by commas. */
export const LiveTopics = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(Topic).max(MAX_TOPICS))
  .transform((topics): LiveTopic[] => topics)
export type LiveTopics = z.infer<typeof LiveTopics>
