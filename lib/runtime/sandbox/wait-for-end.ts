import type { ChildProcess } from 'node:child_process'

export type Ended = { code: number | null; signal: NodeJS.Signals | null; failure?: string }

/** What a process started closes its output with it, as a rule at once. */
const LINGER_CHECK_MS = 200
/** Then output that is still open is let go of, whoever holds it. */
const MAX_LINGER_CHECKS = 25

/**
 * Settles when a process has ended and its output is read. Never rejects. Something that it started may outlive it
 * and hold its output open: `endRest` is called again and again until that is gone too, for five seconds.
 */
export function waitForEnd(child: ChildProcess, endRest: () => Promise<void>): Promise<Ended> {
  return new Promise((resolve) => {
    let lingerer: NodeJS.Timeout | undefined
    let checks = 0
    child.on('exit', () => {
      lingerer = setInterval(() => {
        void endRest()
        if (++checks < MAX_LINGER_CHECKS) return
        clearInterval(lingerer)
        for (const stream of child.stdio) stream?.destroy()
      }, LINGER_CHECK_MS)
    })
    child.on('close', (code, signal) => {
      clearInterval(lingerer)
      resolve({ code, signal })
    })
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, failure: error.message })
    })
  })
}
