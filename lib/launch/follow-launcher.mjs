/**
 * Preloaded (`node --import`) into what the launcher starts: when the launcher dies, by `kill -9` too, the channel to it
 * closes, and the process is asked to end as if by SIGTERM. A process that others still need then, the broker, is told
 * with `{ endAfter: pid }` whom to wait for.
 */
const PATIENCE_MS = 30_000
const POLL_MS = 50

// Programs that we start may start others with the same options; those have channels of their own to serve.
if (process.channel && process.env.HEADRACE_LAUNCHER === String(process.ppid)) {
  const others = []
  process.on('message', (message) => {
    if (Number.isInteger(message?.endAfter)) others.push(message.endAfter)
  })
  process.once('disconnect', () => {
    const startedAt = Date.now()
    const timer = setInterval(() => {
      if (others.some(isAlive) && Date.now() - startedAt < PATIENCE_MS) return
      clearInterval(timer)
      process.kill(process.pid, 'SIGTERM')
    }, POLL_MS)
  })
  // A reader that is gone must not turn our next line of output into a crash.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  process.channel.unref()
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
