import assert from 'node:assert/strict'
import { receiveOne } from '../../receive'
import { administration, fails, TLS, withClient } from './connecting'
import type { Check } from './main'

export const administrationChecks: Record<string, Check> = {
  'admin-namespace': async () => {
    assert.equal((await administration().getNamespaceProperties()).name, 'headrace')
  },
  'admin-queue': async (queue) => {
    const client = administration()
    const name = `${queue}-made`
    const created = await client.createQueue(name, { lockDuration: 'PT30S', maxDeliveryCount: 4 })
    assert.equal(created.maxDeliveryCount, 4)
    assert.equal((await client.getQueue(name)).lockDuration, 'PT30S')
    await client.updateQueue({ ...created, maxDeliveryCount: 7 })
    assert.equal((await client.getQueue(name)).maxDeliveryCount, 7)
    assert((await queueNames()).includes(name))
    await client.deleteQueue(name)
    assert(!(await queueNames()).includes(name))
  },
  'admin-counts': (queue) =>
    withClient(async (client) => {
      await client.createSender(queue).sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }])
      const receiver = client.createReceiver(queue)
      await receiver.deadLetterMessage(await receiveOne(receiver))
      const found = await administration().getQueueRuntimeProperties(queue)
      const counts = [found.activeMessageCount, found.deadLetterMessageCount, found.totalMessageCount]
      assert.deepEqual(counts, [2, 1, 3])
    }),
  'admin-errors': async (queue) => {
    const client = administration()
    await fails('MessageEntityAlreadyExistsError', client.createQueue(queue))
    await fails('MessageEntityNotFoundError', client.getQueue(`${queue}-nowhere`))
    await fails('MessageEntityNotFoundError', client.deleteQueue(`${queue}-nowhere`))
    await assert.rejects(client.createQueue(`${queue}-bad`, { maxDeliveryCount: 0 }), /MaxDeliveryCount/)
    const wrong = administration(TLS.replace(/SharedAccessKey=.*/, 'SharedAccessKey=d3Jvbmc='))
    await fails('UnauthorizedRequestError', wrong.getQueue(queue))
  },
  topics: async (queue) => {
    await administration().createTopic(`${queue}-topic`)
  },
  forwarding: async (queue) => {
    await administration().createQueue(`${queue}-forwards`, { forwardTo: queue })
  },
}

async function queueNames(): Promise<string[]> {
  const names: string[] = []
  for await (const queue of administration().listQueues()) names.push(queue.name)
  return names
}
