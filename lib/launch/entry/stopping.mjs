/**
 * One place that knows when to stop: Ctrl-C, SIGTERM, a closed terminal, or the death of the process above us.
 * npm does not hand SIGTERM on (it signals a shell, which dies and leaves us), so the parent's id is watched.
 */
const WATCH_PARENT_MS = 300

const stop = new AbortController()
const force = new AbortController()

/** Aborted, with the cause as its reason, when everything should stop. */
export const stopSignal = stop.signal
/** Aborted at the second signal: do not wait any longer. */
export const forceSignal = force.signal

let isWatching = false

/** From now on signals do not end the process; whoever starts something listens to `stopSignal`. */
export function watchForStop() {
  if (isWatching) return
  isWatching = true
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => request(name))
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    request('the process that started it ended')
  }, WATCH_PARENT_MS)
  timer.unref()
}

/** @param {string} cause */
function request(cause) {
  if (stop.signal.aborted) force.abort(cause)
  else stop.abort(cause)
}
