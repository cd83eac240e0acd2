import { notFound } from '@/lib/errors'
import { changedSince, type LiveTopic, subscribeLive } from '@/lib/live/bus'
import { trackLiveConnection } from '@/lib/live/connections'
import { visibleTopics } from '@/lib/live/queries'
import { LiveSince, LiveTopics } from '@/lib/live/schema'
import { sessionRoute } from '@/lib/web/route'

const HEARTBEAT_MS = 15_000
const RETRY_MS = 1_000

/**
 * Server-sent events: one `change` with the topic's name for each change of a topic in `?topics=a,b`; with `&since=MS`
 * (by the server's clock) also for what has changed since then.
 */
export const GET = sessionRoute(async (ctx, request) => {
  const { searchParams } = new URL(request.url)
  const asked = LiveTopics.parse(searchParams.get('topics') ?? '')
  const since = LiveSince.parse(searchParams.get('since') ?? undefined)
  const topics = await visibleTopics(ctx, asked)
  if (topics.size === 0) throw notFound('topic')
  return new Response(changesOf(topics, since, request.signal), {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  })
})

function changesOf(topics: Set<LiveTopic>, since: number | undefined, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let close = () => {}
  return new ReadableStream({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      const tell = (topic: LiveTopic) => send(`event: change\ndata: ${topic}\n\n`)
      const unsubscribe = subscribeLive(topics, tell)
      const heartbeat = setInterval(() => send(': beat\n\n'), HEARTBEAT_MS)
      const untrack = trackLiveConnection(() => close())
      let isOpen = true
      close = () => {
        if (!isOpen) return
        isOpen = false
        unsubscribe()
        untrack()
        clearInterval(heartbeat)
        signal.removeEventListener('abort', close)
        controller.close()
      }
      signal.addEventListener('abort', close)
      send(`retry: ${RETRY_MS}\n\n`)
      if (since !== undefined) changedSince(topics, since).forEach(tell)
      if (signal.aborted) close()
    },
    cancel: () => close(),
  })
}
