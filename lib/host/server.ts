import type { RequestListener } from 'node:http'
import { offerDemo } from '@/lib/demo/offer-demo'
import { env } from '@/lib/env'
import { componentLogger } from '@/lib/logger'
import { toNodeListener } from '@/lib/v1/node-bridge'
import { handlePublicRequest } from '@/lib/v1/public'
import { type RunningHost, startHost } from './start'

const log = componentLogger('host')

// The entry of the built console (lib/launch/serve.mjs) stops what stands here, and hands requests to the HTTP API to
// the listener; a reload of modules finds them again.
const shared = globalThis as unknown as { headraceHost?: RunningHost; headraceApi?: RequestListener }

/**
 * Starts this process's host once, and resolves when requests can be answered. A host that can not start ends the
 * process: a console without its parts would only show errors.
 */
export async function hostServer(): Promise<void> {
  if (shared.headraceHost) return
  const host = startHost()
  shared.headraceHost = host
  try {
    await host.started
    shared.headraceApi = toNodeListener(handlePublicRequest)
    offerDemoUntilStop(host)
  } catch (error) {
    log.fatal({ err: error }, 'the server could not start')
    // `next dev` goes on: its reader is about to change the code.
    if (env().NODE_ENV === 'production') process.exit(1)
  }
}

/** Beside the running console, which answers meanwhile; a stop does not wait for it. */
function offerDemoUntilStop(host: RunningHost): void {
  const stopping = new AbortController()
  shared.headraceHost = {
    get isStopping() {
      return host.isStopping
    },
    stop: (reason) => {
      stopping.abort()
      return host.stop(reason)
    },
  }
  void offerDemo(stopping.signal)
}
