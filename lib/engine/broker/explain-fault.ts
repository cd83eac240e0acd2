import { AppError, type ErrorCode } from '@/lib/errors'
import type { BrokerFault } from './fault'

/** What the texts name: the queue, the namespace, the key's name and how we connected. */
export type FaultPlace = { queueName: string; host: string; keyName: string; entityPath?: string; isEmulator: boolean }

export type FaultField = 'connectionString' | 'queueName' | 'messageOrder'

type Explanation = { field: FaultField; code: ErrorCode; text: string }

/** Says for people what is wrong and what to change; never holds a key. */
export function explainFault(fault: BrokerFault, place: FaultPlace): Explanation {
  const { queueName, host, keyName } = place
  switch (fault.kind) {
    case 'key_wrong':
      return wrong('connectionString', `${host} does not accept the key ${keyName}. Copy the connection string again.`)
    case 'key_expired':
      return wrong('connectionString', `The access token of ${keyName} has expired. Use a newer one, or a key.`)
    case 'right_missing':
      return wrong(
        'connectionString',
        `The policy ${keyName} does not have the right for this on queue ${queueName} (Listen to receive, Send to send). Use a policy that has it.`,
      )
    case 'queue_not_found':
      return wrong('queueName', `There is no queue ${queueName} on ${host}. Check the name, or create the queue first.`)
    case 'queue_disabled':
      return wrong('queueName', `The queue ${queueName} is disabled on ${host}. Enable it there.`)
    case 'session_queue':
      return wrong(
        'messageOrder',
        `The queue ${queueName} requires sessions. Set this event flow's message order (under Advanced) to “Per session”.`,
      )
    case 'no_session_queue':
      return wrong(
        'messageOrder',
        `The queue ${queueName} does not have sessions. Set this event flow's message order (under Advanced) to “Unordered”, or use a queue that requires sessions.`,
      )
    case 'other_queue':
      return wrong(
        'queueName',
        `The connection string is bound to the queue ${place.entityPath ?? 'of its EntityPath'}. Use that name, or a string without EntityPath.`,
      )
    case 'tls_mismatch':
      return wrong('connectionString', tlsText(place))
    case 'unreachable':
      return away('connectionString', unreachableText(fault, place))
    case 'message_too_large':
      return { field: 'queueName', code: 'too_large', text: `The message is larger than queue ${queueName} takes.` }
    case 'busy':
      return away('connectionString', `${host} is too busy to answer, or a quota is used up. Try again later.`)
    case 'no_answer':
    case 'aborted':
      return away('connectionString', `${host} does not answer. Check the host and port, and firewalls in between.`)
    case 'lock_lost':
    case 'unknown':
      return away('connectionString', `${host} answered with an error: ${fault.detail}`)
  }
}

/** The same as an error that a form can show at its field. */
export function faultError(fault: BrokerFault, place: FaultPlace): AppError {
  const { field, code, text } = explainFault(fault, place)
  return new AppError(code, text, { fields: { [field]: text } })
}

const wrong = (field: FaultField, text: string): Explanation => ({ field, code: 'invalid_input', text })
const away = (field: FaultField, text: string): Explanation => ({ field, code: 'unavailable', text })

function tlsText({ host, isEmulator }: FaultPlace): string {
  if (isEmulator) return `${host} does not speak plain AMQP. Remove UseDevelopmentEmulator=true to connect with TLS.`
  return `${host} does not offer TLS with a certificate that is trusted here. For an emulator add ;UseDevelopmentEmulator=true.`
}

function unreachableText(fault: BrokerFault, { host }: FaultPlace): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(fault.detail)) {
    return `There is no host of the name ${host}. Check the Endpoint of the connection string.`
  }
  if (/ECONNREFUSED/.test(fault.detail)) return `Nothing listens at ${host}. Check the host and port of the Endpoint.`
  return `${host} can not be reached. Check the host and port of the Endpoint, and firewalls in between.`
}
