import { createHmac } from 'node:crypto'
import { LaunchError } from './entry/launch-error.mjs'

const TOKEN_SECONDS = 300
const API = 'api-version=2021-05'

/** What a queue may differ in from a namespace's defaults. */
export type QueueProperties = { maxDeliveryCount?: number }

/**
 * Makes the queue when it is not there. For the embedded broker, which answers the management API over plain HTTP on
 * loopback; the SDK's client only speaks https.
 */
export async function ensureQueue(
  connectionString: string,
  name: string,
  properties: QueueProperties = {},
): Promise<void> {
  const parts = parse(connectionString)
  const url = `http://${new URL(parts.Endpoint.replace(/^sb:/, 'http:')).host}/${encodeURIComponent(name)}?${API}`
  const response = await fetch(url, {
    method: 'PUT',
    headers: { authorization: token(url, parts), 'content-type': 'application/atom+xml;type=entry;charset=utf-8' },
    body: describeQueue(properties),
  })
  const alreadyThere = response.status === 409
  if (response.ok || alreadyThere) return
  throw new LaunchError(
    `The broker did not make the queue ${name}.`,
    `It answered ${response.status}: ${(await response.text()).slice(0, 500)}`,
    'Run the command again; if it stays, please report it.',
  )
}

function describeQueue({ maxDeliveryCount }: QueueProperties): string {
  const count = maxDeliveryCount === undefined ? '' : `<MaxDeliveryCount>${maxDeliveryCount}</MaxDeliveryCount>`
  return `<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml">
<QueueDescription xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect">${count}</QueueDescription>
</content></entry>`
}

/** A shared access signature as Service Bus checks it: HMAC-SHA256 over the address and the time of expiry. */
function token(url: string, { SharedAccessKeyName, SharedAccessKey }: Parts): string {
  const resource = encodeURIComponent(url.toLowerCase())
  const expiry = Math.floor(Date.now() / 1000) + TOKEN_SECONDS
  const signature = createHmac('sha256', SharedAccessKey).update(`${resource}\n${expiry}`).digest('base64')
  const name = encodeURIComponent(SharedAccessKeyName)
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${name}`
}

type Parts = { Endpoint: string; SharedAccessKeyName: string; SharedAccessKey: string }

function parse(connectionString: string): Parts {
  const pairs = connectionString.split(';').map((part) => {
    const equals = part.indexOf('=')
    return [part.slice(0, equals), part.slice(equals + 1)]
  })
  return Object.fromEntries(pairs) as Parts
}
