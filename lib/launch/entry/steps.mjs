/**
 * Progress on standard output: a step that takes more than a second says so, tells every few seconds that it still
 * runs, and says when it is done. Quick steps are quiet.
 */
const QUIET_MS = 1_000
const REMIND_MS = 10_000

/**
 * @template T
 * @param {string} title say "Installing packages"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  let isAnnounced = false
  const announce = setTimeout(() => {
    isAnnounced = true
    say(`  ${title} …`)
  }, QUIET_MS)
  const remind = setInterval(() => say(`  ${title} … ${seconds()} s so far`), REMIND_MS)
  try {
    const result = await work()
    if (isAnnounced) say(`  ${title}: done in ${seconds()} s`)
    return result
  } finally {
    clearTimeout(announce)
    clearInterval(remind)
  }
}

/** @param {string} text */
export function say(text) {
  process.stdout.write(`${text}\n`)
}

// A terminal that is gone must not keep us from stopping what we started.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
