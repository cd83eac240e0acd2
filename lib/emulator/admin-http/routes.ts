import { type Entity, isValidQueueName } from '../entity'
import type { Namespace } from '../namespace'
import { covers, pathOfUri, verifySas } from '../sas'
import { entryAnswer, errorAnswer, feedAnswer, type HttpAnswer, jsonAnswer } from './answer'
import { emptyFeed, namespaceEntry, queueEntry, queueFeed } from './atom'
import { readQueueDescription } from './requested-queue'
import { parseXml, type XmlNode } from './xml'

const DEFAULT_PAGE = 100
const MAX_PAGE = 1000

/** A management request, free of Node's http. `base` is `https://host:port`, `path` decoded and without slashes around. */
export type AdminRequest = {
  method: string
  base: string
  path: string
  query: URLSearchParams
  authorization: string | undefined
  isUpdate: boolean
  body: string
}

/** Answers the service's management API for queues, and `/health`. */
export function answerAdminRequest(namespace: Namespace, request: AdminRequest): HttpAnswer {
  const lowerPath = request.path.toLowerCase()
  if (isHealthCheck(request)) return jsonAnswer(200, { status: 'healthy', message: 'Service Healthy' })
  const refused = authorize(namespace, request)
  if (refused) return errorAnswer(401, refused)
  if (lowerPath === '$namespaceinfo') {
    return entryAnswer(200, namespaceEntry(request.base, namespace.name, namespace.createdAtMs))
  }
  if (lowerPath === '$resources/queues') return listQueues(namespace, request)
  if (lowerPath.startsWith('$resources/')) return feedAnswer(emptyFeed(`${request.base}/${request.path}`, 0))
  switch (request.method) {
    case 'GET':
      return readQueue(namespace, request)
    case 'PUT':
      return request.isUpdate ? updateQueue(namespace, request) : createQueue(namespace, request)
    case 'DELETE':
      return deleteQueue(namespace, request)
    default:
      return errorAnswer(405, `The method ${request.method} is not served.`)
  }
}

/** With a token it is about a queue of that name. */
function isHealthCheck({ method, path, authorization }: AdminRequest): boolean {
  return path.toLowerCase() === 'health' && authorization === undefined && ['GET', 'HEAD'].includes(method)
}

/** Why a request may not manage what it names; undefined when it may. */
export function authorize(namespace: Namespace, { authorization, path }: AdminRequest): string | undefined {
  const token = verifySas(authorization, (uri) => namespace.keysFor(pathOfUri(uri)), namespace.clock())
  if ('refused' in token) return token.refused
  const scope = pathOfUri(token.uri)
  if (!covers(scope, path.toLowerCase())) return 'InvalidAudience: The token does not cover the resource.'
  if (!token.key.rights.includes('Manage')) return 'Manage claims are required for this operation.'
  return undefined
}

function listQueues(namespace: Namespace, { base, query }: AdminRequest): HttpAnswer {
  const all = namespace.list()
  const skip = readCount(query.get('$skip'), 0)
  const top = Math.min(readCount(query.get('$top'), DEFAULT_PAGE), MAX_PAGE)
  // A page of nothing would be followed by itself.
  const hasMore = top > 0 && skip + top < all.length
  const next = `${base}/$Resources/queues?api-version=2021-05&$skip=${skip + top}&$top=${top}`
  return feedAnswer(queueFeed(base, all.slice(skip, skip + top), hasMore ? next : undefined, namespace.clock()))
}

function readCount(text: string | null, fallback: number): number {
  const value = Number(text ?? fallback)
  return Number.isSafeInteger(value) && value >= 0 ? value : fallback
}

/** Not at the address of its dead-letter queue, which can only be received from. */
function findQueue(namespace: Namespace, path: string): Entity | undefined {
  const found = namespace.find(path)
  return found?.queue === found?.entity.queue ? found?.entity : undefined
}

function readQueue(namespace: Namespace, { base, path }: AdminRequest): HttpAnswer {
  const entity = findQueue(namespace, path)
  if (!entity) return feedAnswer(emptyFeed(`${base}/${path}`, namespace.clock()))
  return entryAnswer(200, queueEntry(base, entity))
}

function createQueue(namespace: Namespace, { base, path, body }: AdminRequest): HttpAnswer {
  if (!isValidQueueName(path)) return errorAnswer(400, `SubCode=40000. '${path}' is not a queue name.`)
  if (namespace.find(path)) return errorAnswer(409, `SubCode=40900. Conflict. The queue '${path}' exists already.`)
  const requested = readBody(body)
  if ('refused' in requested) return errorAnswer(400, `SubCode=40000. ${requested.refused}`)
  return entryAnswer(201, queueEntry(base, namespace.createQueue(path, requested.properties, requested.keys ?? [])))
}

/** Settings that the body leaves out stay as they are. */
function updateQueue(namespace: Namespace, { base, path, body }: AdminRequest): HttpAnswer {
  const entity = findQueue(namespace, path)
  if (!entity) return errorAnswer(404, `SubCode=40400. Not Found. The queue '${path}' does not exist.`)
  const requested = readBody(body)
  if ('refused' in requested) return errorAnswer(400, `SubCode=40000. ${requested.refused}`)
  const current = entity.queue.properties
  const properties = { ...current, ...requested.properties }
  for (const name of ['requiresSession', 'requiresDuplicateDetection'] as const) {
    if (properties[name] !== current[name]) {
      return errorAnswer(400, `SubCode=40000. Bad Request. ${name} can not be changed once the queue exists.`)
    }
  }
  namespace.updateQueue(entity, properties, requested.keys)
  return entryAnswer(200, queueEntry(base, entity))
}

function deleteQueue(namespace: Namespace, { path }: AdminRequest): HttpAnswer {
  const entity = findQueue(namespace, path)
  if (!entity) return errorAnswer(404, `SubCode=40400. Not Found. The queue '${path}' does not exist.`)
  namespace.deleteQueue(entity)
  return entryAnswer(200, '')
}

function readBody(body: string) {
  let document: XmlNode
  try {
    document = parseXml(body)
  } catch (error) {
    return { refused: `The body is not XML: ${(error as Error).message}` }
  }
  return readQueueDescription(document)
}
