/** A failure of the launcher, in the three parts that a person needs: what failed, why, what to type next. */
export class LaunchError extends Error {
  /**
   * @param {string} what say "Port 3000 is taken."
   * @param {string} why as far as known; may hold the last lines of a command
   * @param {string} next a command or an action
   */
  constructor(what, why, next) {
    super(`${what} ${why}`.trim())
    this.name = 'LaunchError'
    this.what = what
    this.why = why
    this.next = next
  }
}

const DISK_FULL = /ENOSPC|EDQUOT|No space left on device|disk quota exceeded/i

/**
 * Any failure as a LaunchError; a full disk is recognised whatever failed because of it.
 * @param {unknown} error
 * @param {string} what
 * @param {string} next
 */
export function asLaunchError(error, what, next) {
  if (error instanceof LaunchError) return error
  const why = error instanceof Error ? error.message : String(error)
  if (DISK_FULL.test(why)) {
    return new LaunchError(what, 'The disk is full.', 'Free some space (3 GB is enough), then run the command again.')
  }
  return new LaunchError(what, why, next)
}

/**
 * @param {LaunchError} error
 * @param {string} headline say "Headrace did not start."
 */
export function describeFailure(error, headline) {
  const why = error.why ? `\n${indent(error.why)}\n` : ''
  return `\n${headline}\n\n  ${error.what}\n${why}\n  Next: ${indent(error.next).trimStart()}\n`
}

/** @param {string} text */
const indent = (text) => text.replaceAll(/^/gm, '  ')
