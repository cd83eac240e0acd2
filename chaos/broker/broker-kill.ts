import { ServiceBusClient } from '@azure/service-bus'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type Account, accountFor } from '../frame/account'
import type { Scenario, ScenarioOptions } from '../frame/scenario'

const ROUNDS = 50
const BATCH = 20
const SENDERS = 2
const CONCURRENCY = 16
const RETRY = { maxRetries: 0, timeoutInMs: 2000 }
/** Acknowledged messages of a round before the blow. */
const LEAST_LOAD = 50
const MOST_LOAD = 450

export const brokerKill: Scenario = {
  name: 'broker',
  sentence: 'The broker is killed (SIGKILL) again and again while clients send and complete as fast as they can.',
  run: killBroker,
}

/** What the clients were told, over all rounds. */
class Ledger {
  readonly acknowledged = new Set<string>()
  readonly completed = new Set<string>()
  /** Completions whose answer never came: they may have been applied or not. */
  readonly unanswered = new Set<string>()
  /** Messages that were delivered after their completion had been confirmed. */
  readonly cameBack: string[] = []
  nextId = 0

  missing(): string[] {
    return [...this.acknowledged].filter((id) => !this.completed.has(id) && !this.unanswered.has(id))
  }
}

async function killBroker({ random, rounds = ROUNDS, say }: ScenarioOptions): Promise<Account> {
  const broker = await testBroker({ queues: { load: { maxDeliveryCount: 1000 } } })
  const ledger = new Ledger()
  try {
    for (let round = 1; round <= rounds; round++) {
      await loadAndKill(broker, ledger, random.integer(LEAST_LOAD, MOST_LOAD))
      if (round % 10 === 0) say(`${round} rounds, ${ledger.acknowledged.size} messages acknowledged`)
    }
    return await settleAccount(broker, ledger, rounds)
  } finally {
    await broker.close()
  }
}

/** Sends and receives at once until enough was acknowledged; then the broker is killed in the middle of it. */
async function loadAndKill(broker: TestBroker, ledger: Ledger, enough: number): Promise<void> {
  const client = new ServiceBusClient(broker.connectionString, { retryOptions: { ...RETRY } })
  const before = ledger.acknowledged.size
  const receiving = subscribe(client, ledger)
  let isKilled = false
  const sending = Array.from({ length: SENDERS }, async () => {
    const sender = client.createSender('load')
    while (!isKilled) {
      const ids = Array.from({ length: BATCH }, () => `m${ledger.nextId++}`)
      try {
        await sender.sendMessages(ids.map((messageId) => ({ body: messageId, messageId })))
      } catch {
        return
      }
      for (const id of ids) ledger.acknowledged.add(id)
    }
  })
  await waitUntil('enough is acknowledged', () => ledger.acknowledged.size - before > enough)
  const restarted = broker.restart('SIGKILL')
  isKilled = true
  await Promise.all([...sending, restarted])
  await receiving.close()
  await client.close()
}

/** Completes what is left, and finds every acknowledged message. */
async function settleAccount(broker: TestBroker, ledger: Ledger, rounds: number): Promise<Account> {
  const client = new ServiceBusClient(broker.connectionString)
  const receiver = subscribe(client, ledger)
  // Whatever is missing after that is lost: the account names it.
  await waitUntil('nothing is missing', () => ledger.missing().length === 0).catch(() => {})
  await receiver.close()
  await client.close()
  const { acknowledged, completed, unanswered, cameBack } = ledger
  const unconfirmed = [...unanswered].filter((id) => !completed.has(id))
  const places = {
    sent: acknowledged,
    // A message whose sending was not acknowledged may be there or not: it is nobody's loss.
    done: [...completed, ...unconfirmed, ...cameBack].filter((id) => acknowledged.has(id)),
  }
  const complaints: string[] = []
  // At most what one subscriber has under way at each kill: the rest is really accounted for.
  if (unanswered.size > rounds * CONCURRENCY) complaints.push(`${unanswered.size} completions were not answered.`)
  return accountFor(
    places,
    { kills: rounds, unansweredCompletions: unanswered.size, cameBack: cameBack.length },
    complaints,
  )
}

function subscribe(client: ServiceBusClient, ledger: Ledger) {
  const receiver = client.createReceiver('load')
  receiver.subscribe(
    {
      async processMessage(message) {
        const id = String(message.messageId)
        if (ledger.completed.has(id)) ledger.cameBack.push(id)
        await receiver.completeMessage(message).then(
          () => ledger.completed.add(id),
          () => ledger.unanswered.add(id),
        )
      },
      processError: async () => {},
    },
    { maxConcurrentCalls: CONCURRENCY, autoCompleteMessages: false },
  )
  return receiver
}
