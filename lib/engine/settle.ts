import type { Settlement } from '@/lib/generated/prisma/enums'
import type { Logger } from '@/lib/logger'
import { readFault } from './broker/fault'
import type { Delivery } from './broker/port'
import type { Decision } from './decide'
import { logFieldsOf, type Work } from './work'

/** A broker that does not confirm for longer than this has frozen, and the message's slot is wanted. */
const LONGEST_WAIT_MS = 15_000

/**
 * Tells the broker what was decided. Resolves to what the broker has confirmed, or to null when it has not: then the
 * message comes again when its lock ends, and a recorded success makes that delivery complete without a run.
 */
export async function settle(work: Work, decision: Decision, logger: Logger): Promise<Settlement | null> {
  const { delivery } = work
  try {
    return await confirmed(tell(delivery, decision))
  } catch (error) {
    const fault = readFault(error)
    const fields = { ...logFieldsOf(work), fault, action: decision.action }
    logger.warn(fields, 'a message could not be settled; it is delivered again')
    return null
  }
}

async function tell(delivery: Delivery, decision: Decision): Promise<Settlement | null> {
  switch (decision.action) {
    case 'complete':
      await delivery.complete()
      return 'completed'
    case 'abandon':
      await delivery.abandon()
      return 'abandoned'
    case 'release':
      await delivery.release()
      return 'abandoned'
    case 'dead_letter':
      await delivery.deadLetter(decision.reason, decision.description)
      return 'dead_lettered'
    case 'try_again':
    case 'leave':
      return null
  }
}

function confirmed<T>(settling: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the broker does not confirm')), LONGEST_WAIT_MS)
    settling.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
