/** What the tests need of the official client's receivers; typed by shape, so that no import of the SDK is needed. */
type Receiver<Message> = {
  receiveMessages(count: number, options: { maxWaitTimeInMs: number }): Promise<Message[]>
}

/** The next message, within five seconds. */
export async function receiveOne<Message>(receiver: Receiver<Message>): Promise<Message> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5000 })
  if (!message) throw new Error('no message came within five seconds')
  return message
}

/** Exactly this many messages, within ten seconds. */
export async function receiveMany<Message>(receiver: Receiver<Message>, count: number): Promise<Message[]> {
  const received: Message[] = []
  const deadline = Date.now() + 10_000
  while (received.length < count && Date.now() < deadline) {
    received.push(...(await receiver.receiveMessages(count - received.length, { maxWaitTimeInMs: 1000 })))
  }
  if (received.length < count) throw new Error(`${received.length} of ${count} messages came within ten seconds`)
  return received
}

/** The code of the error that a promise ends with; an AggregateError hides it in its first error. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    const first = error instanceof AggregateError ? error.errors[0] : error
    return String((first as { code?: unknown }).code)
  }
  return 'no error'
}
