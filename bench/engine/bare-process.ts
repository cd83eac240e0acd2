import { ServiceBusClient, type ServiceBusReceiver } from '@azure/service-bus'

/** What the engine is compared with: the official client's `subscribe`, a handler that does nothing, and complete. */
const { connectionString, queueNames, calls } = JSON.parse(process.argv[2] ?? '') as BareOptions

export type BareOptions = { connectionString: string; queueNames: string[]; calls: number }
/** From the child: what was asked for is done (all links stand, or receive no more); or the times (ms since 1970) at which messages were completed, by their ids. */
export type BareReport = 'done' | { settled: Record<string, number> }

const QUEUES_PER_CLIENT = 100

const receivers: ServiceBusReceiver[] = []
let client = new ServiceBusClient(connectionString)
for (const [index, queueName] of queueNames.entries()) {
  if (index % QUEUES_PER_CLIENT === 0) client = new ServiceBusClient(connectionString)
  receivers.push(client.createReceiver(queueName, { maxAutoLockRenewalDurationInMs: 0, skipParsingBodyAsJson: true }))
}
let subscriptions: { close(): Promise<void> }[] = []
let settled: Record<string, number> = {}

process.on('message', async (command: 'subscribe' | 'pause' | 'report') => {
  if (command === 'report') {
    process.send?.({ settled } satisfies BareReport)
    settled = {}
    return
  }
  if (command === 'subscribe') await subscribe()
  else await Promise.all(subscriptions.map((subscription) => subscription.close()))
  process.send?.('done' satisfies BareReport)
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))

async function subscribe(): Promise<void> {
  const attached: Promise<void>[] = []
  subscriptions = receivers.map((receiver) => {
    let onAttached = () => {}
    attached.push(new Promise((resolve) => (onAttached = resolve)))
    const handlers = {
      async processMessage(message: Parameters<typeof receiver.completeMessage>[0]) {
        await receiver.completeMessage(message)
        settled[String(message.messageId)] = Date.now()
      },
      processError: async () => {},
      // The client's own hook, called when the link stands; its typings leave it out.
      postInitialize: async () => onAttached(),
    }
    return receiver.subscribe(handlers, { autoCompleteMessages: false, maxConcurrentCalls: calls })
  })
  await Promise.all(attached)
}

await subscribe()
process.send?.('done' satisfies BareReport)
