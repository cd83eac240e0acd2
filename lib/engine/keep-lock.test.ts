import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { BrokerError } from './broker/fault'
import type { Delivery } from './broker/port'
import { keepLock } from './keep-lock'
import { waitUntil } from './testing/wait-until'

const LOCK_MS = 2_000

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function delivery(renewLock: () => Promise<Date>): Delivery {
  const unused = async () => {
    throw new Error('not part of this test')
  }
  return {
    message: {
      messageId: null,
      sequenceNumber: 1n,
      enqueuedAt: new Date(),
      contentType: null,
      sessionId: null,
      correlationId: null,
      body: { kind: 'bytes', bytes: Buffer.alloc(0) },
      properties: {},
    },
    attempt: 1,
    lockedUntil: new Date(Date.now() + LOCK_MS),
    complete: unused,
    abandon: unused,
    release: unused,
    deadLetter: unused,
    renewLock,
  }
}

const lockLost = () => Promise.reject(new BrokerError({ kind: 'lock_lost', detail: 'gone' }))
const unreachable = () => Promise.reject(new BrokerError({ kind: 'unreachable', detail: 'ECONNREFUSED' }))

describe('keepLock', () => {
  it('renews at half of what remains, again and again, until it is released', async () => {
    const renewedAt: number[] = []
    const startedAt = Date.now()
    const lock = keepLock(
      delivery(async () => {
        renewedAt.push(Date.now() - startedAt)
        return new Date(Date.now() + LOCK_MS)
      }),
      () => expect.unreachable(),
    )
    await waitUntil('it was renewed three times', () => renewedAt.length === 3)
    lock.release()
    expect(renewedAt[0]).toBeGreaterThanOrEqual(LOCK_MS / 2 - 20)
    expect(lock.isLost).toBe(false)
    expect(lock.lockedUntil.getTime()).toBeGreaterThan(startedAt + 2 * LOCK_MS)
  })

  it('tells at once when the broker says that the lock is lost', async () => {
    let isLost = false
    const lock = keepLock(delivery(lockLost), () => {
      isLost = true
    })
    await waitUntil('it is told', () => isLost)
    expect(lock.isLost).toBe(true)
  })

  it('survives renewals that do not get through, as long as one does in time', async () => {
    let tries = 0
    const lock = keepLock(
      delivery(() => {
        tries += 1
        return tries === 1 ? unreachable() : Promise.resolve(new Date(Date.now() + LOCK_MS))
      }),
      () => expect.unreachable(),
    )
    await waitUntil('it was renewed', () => tries >= 3)
    lock.release()
    expect(lock.isLost).toBe(false)
  })

  it('takes the lock for lost when no renewal got through, or none was answered, until it ended', async () => {
    const silent = () => new Promise<Date>(() => {})
    for (const renewLock of [unreachable, silent]) {
      const startedAt = Date.now()
      let lostAt = 0
      keepLock(delivery(renewLock), () => {
        lostAt = Date.now()
      })
      // A renewal that is never answered is held by nothing but its own deadline.
      await waitUntil('it is lost', () => {
        collectGarbage()
        return lostAt > 0
      })
      expect(lostAt - startedAt).toBeGreaterThanOrEqual(LOCK_MS - 20)
    }
  })

  it('is silent once it is released', async () => {
    let tries = 0
    const lock = keepLock(
      delivery(() => {
        tries += 1
        return lockLost()
      }),
      () => expect.unreachable(),
    )
    lock.release()
    const end = Date.now() + LOCK_MS
    await waitUntil('a renewal would have come', () => Date.now() > end)
    expect([tries, lock.isLost]).toEqual([0, false])
  })
})
