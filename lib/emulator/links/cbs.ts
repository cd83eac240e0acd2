import { covers, pathOfUri, verifySas } from '../sas'
import { type AmqpError, entityNotFound } from './amqp-error'
import type { Broker } from './broker'
import type { Claims } from './claims'
import { type Answer, failure, type Request } from './request-link'

const SAS_TOKEN_TYPE = 'servicebus.windows.net:sastoken'
const SIGNATURE = /^SharedAccessSignature /

/** Answers `put-token`: checks the token and remembers what it allows on this connection. */
export function putToken(broker: Broker, claims: Claims, request: Request): Answer {
  const { namespace, trackingId } = broker
  if (request.operation !== 'put-token') {
    return failure(400, {
      condition: 'amqp:not-implemented',
      description: `$cbs has no operation '${request.operation}'.`,
    })
  }
  const audience = String(request.properties.name ?? '')
  const path = pathOfUri(audience)
  // The Python client calls its signatures `jwt`, and the service takes them for what they are.
  const isSignature = request.properties.type === SAS_TOKEN_TYPE || SIGNATURE.test(String(request.body))
  if (!isSignature) {
    return failure(401, unauthorized('InvalidToken: Only shared access signatures are accepted here.'))
  }
  const token = verifySas(request.body, (uri) => namespace.keysFor(pathOfUri(uri)), namespace.clock())
  if ('refused' in token) {
    return failure(401, unauthorized(`${token.refused} TrackingId:${trackingId}, SystemTracker:${path}`))
  }
  if (!covers(pathOfUri(token.uri), path)) {
    return failure(
      401,
      unauthorized(`InvalidAudience: The token audience '${token.uri}' does not cover '${audience}'.`),
    )
  }
  const entity = path.replace(/\/\$management$/, '')
  // Told here already: the official client reports a refused attach only when both its frames come together.
  if (entity !== '' && !namespace.find(entity)) return failure(404, entityNotFound(namespace.name, entity))
  claims.put(path, token.key.rights, token.expiresAtMs)
  return { status: 202, description: 'Accepted' }
}

function unauthorized(description: string): AmqpError {
  return { condition: 'com.microsoft:auth-failed', description }
}
