import type { AmqpServer } from '../links/amqp-server'
import type { Broker } from '../links/broker'
import { type HttpAnswer, jsonAnswer } from './answer'
import type { HttpExtension } from './http-server'
import type { AdminRequest } from './routes'

const PREFIX = '$faults'

/**
 * The fault switches over HTTP, without a key: they are served only when asked for on the command line.
 * `GET`, `PUT` (JSON, a part of the switches) and `DELETE /$faults`; `POST /$faults/<action>[?queue=name]`.
 */
export function faultRoutes(broker: Broker, amqp: AmqpServer): HttpExtension {
  return (request) => {
    const path = request.path.toLowerCase()
    if (path === PREFIX) return switchFaults(broker, amqp, request)
    if (!path.startsWith(`${PREFIX}/`)) return undefined
    return act(broker, amqp, path.slice(PREFIX.length + 1), request)
  }
}

function switchFaults(broker: Broker, amqp: AmqpServer, { method, body }: AdminRequest): HttpAnswer {
  if (method === 'DELETE') {
    broker.faults.reset()
    amqp.thaw()
  }
  if (method === 'PUT') {
    const refused = changeFaults(broker, body)
    if (refused) return jsonAnswer(400, { error: refused })
  }
  return jsonAnswer(200, { ...broker.faults.switches, frozen: amqp.isFrozen })
}

function changeFaults(broker: Broker, body: string): string | undefined {
  try {
    return broker.faults.change(JSON.parse(body))
  } catch (error) {
    return `The body is not JSON: ${(error as Error).message}.`
  }
}

function act(broker: Broker, amqp: AmqpServer, action: string, { method, query }: AdminRequest): HttpAnswer {
  if (method !== 'POST') return jsonAnswer(405, { error: 'Actions are started with POST.' })
  const queue = query.get('queue')
  switch (action) {
    case 'drop-connections':
      return jsonAnswer(200, { dropped: amqp.dropConnections() })
    case 'detach-links':
      return jsonAnswer(200, { detached: amqp.detachLinks(queue) })
    case 'expire-locks':
      return jsonAnswer(200, { expired: expireLocks(broker, queue) })
    case 'freeze':
      amqp.freeze()
      return jsonAnswer(200, { frozen: true })
    case 'thaw':
      amqp.thaw()
      return jsonAnswer(200, { frozen: false })
    default:
      return jsonAnswer(404, {
        error: `There is no action '${action}'. There are: drop-connections, detach-links, expire-locks, freeze, thaw.`,
      })
  }
}

function expireLocks({ namespace }: Broker, queue: string | null): number {
  const nowMs = namespace.clock()
  return namespace
    .list()
    .filter((entity) => queue === null || entity.name.toLowerCase() === queue.toLowerCase())
    .reduce((sum, entity) => sum + entity.queue.expireAllLocks(nowMs) + entity.deadLetters.expireAllLocks(nowMs), 0)
}
