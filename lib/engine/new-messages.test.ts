import { describe, expect, it } from 'vitest'
import type { Delivery } from './broker/port'
import { NewMessages } from './new-messages'

const delivery = (sequenceNumber: bigint, attempt = 1) => ({ attempt, message: { sequenceNumber } }) as Delivery
const wanted = () => new AbortController().signal

/** A ledger that knows messages up to the given number, and how often it was asked. */
function ledgerUpTo(highest: bigint) {
  const ledger = { highest, asked: 0 }
  const messages = new NewMessages(async () => {
    ledger.asked += 1
    return ledger.highest
  })
  return { ledger, messages }
}

describe('messages that can not have won yet', () => {
  it('are those above all that the ledger held, and it is asked once', async () => {
    const { ledger, messages } = ledgerUpTo(7n)
    const answers = [6n, 7n, 8n, 9n].map((number) => messages.isUnrecorded(number, wanted()))
    expect(await Promise.all(answers)).toEqual([false, false, true, true])
    expect(await messages.isUnrecorded(10n, wanted())).toBe(true)
    expect(ledger.asked).toBe(1)
  })

  it('are above all that came over the link before, and come for the first time', () => {
    const { messages } = ledgerUpTo(-1n)
    expect([3n, 5n, 4n, 5n, 6n].map((number) => messages.note(delivery(number)))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ])
    expect(messages.note(delivery(7n, 2))).toBe(false)
    // What came again counts as seen.
    expect(messages.note(delivery(7n))).toBe(false)
  })

  it('are looked for in the ledger again when the link stands anew', async () => {
    const { ledger, messages } = ledgerUpTo(1n)
    expect(await messages.isUnrecorded(5n, wanted())).toBe(true)
    ledger.highest = 5n
    messages.forget()
    expect(await messages.isUnrecorded(5n, wanted())).toBe(false)
    expect(await messages.isUnrecorded(6n, wanted())).toBe(true)
    expect(ledger.asked).toBe(2)
  })

  it('are not told while the ledger does not answer; the next one asks again', async () => {
    let asked = 0
    const messages = new NewMessages((signal) => {
      asked += 1
      if (asked > 1) return Promise.resolve(0n)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const first = new AbortController()
    const second = new AbortController()
    const answers = [messages.isUnrecorded(1n, first.signal), messages.isUnrecorded(2n, second.signal)]
    second.abort('lock_lost')
    expect(await answers[1]).toBe(false)
    first.abort('stopping')
    expect(await answers[0]).toBe(false)
    expect(await messages.isUnrecorded(3n, wanted())).toBe(true)
    expect(asked).toBe(2)
  })

  it('are not told from an answer that was on its way while the link was lost', async () => {
    const replies: ((highest: bigint) => void)[] = []
    const messages = new NewMessages(() => new Promise((resolve) => replies.push(resolve)))
    void messages.isUnrecorded(3n, wanted())
    messages.forget()
    replies[0]?.(0n)
    const answer = messages.isUnrecorded(3n, wanted())
    await Promise.resolve()
    replies[1]?.(3n)
    expect(await answer).toBe(false)
    expect(await messages.isUnrecorded(3n, wanted())).toBe(false)
    expect(replies).toHaveLength(2)
  })
})
