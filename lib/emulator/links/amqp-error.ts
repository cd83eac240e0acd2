/** An AMQP error as it goes on the wire; each SDK turns the condition into its own error. */
export type AmqpError = { condition: string; description: string }

/** The error with all three fields: the Python client waits for ever, or fails, when the last is left out. */
export function wireError({ condition, description }: AmqpError) {
  return { condition, description, info: {} }
}

export const LOCK_LOST: AmqpError = {
  condition: 'com.microsoft:message-lock-lost',
  description:
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
}

export const SESSION_LOCK_LOST: AmqpError = {
  condition: 'com.microsoft:session-lock-lost',
  description: 'The session lock has expired on the MessageSession. Accept the session again.',
}

export const MESSAGE_NOT_FOUND: AmqpError = {
  condition: 'com.microsoft:message-not-found',
  description: 'Failed to lock one or more specified messages. The message does not exist or is locked.',
}

/** The official clients recognise a missing queue by this sentence. */
export function entityNotFound(namespace: string, entity: string): AmqpError {
  return {
    condition: 'amqp:not-found',
    description: `The messaging entity 'sb://${namespace}/${entity}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.`,
  }
}

export const TOO_MANY_UNREAD: AmqpError = {
  condition: 'amqp:resource-limit-exceeded',
  description: 'Too many messages wait on this session until they are read.',
}

export function requestTooLarge(maxBytes: number): AmqpError {
  return {
    condition: 'amqp:link:message-size-exceeded',
    description: `A request on this link may have ${maxBytes} bytes.`,
  }
}

export const SHUTTING_DOWN: AmqpError = {
  condition: 'amqp:connection:forced',
  description: 'The broker is shutting down.',
}

/** What is not on disk was not acknowledged; what was acknowledged is there after the next start. */
export function diskFailed(error: Error): AmqpError {
  return {
    condition: 'amqp:internal-error',
    description: `The broker can not write to its disk (${error.message}) and stops. What it did not acknowledge is not kept.`,
  }
}

export const TOKEN_EXPIRED: AmqpError = {
  condition: 'amqp:unauthorized-access',
  description: 'ExpiredToken: The token is expired. Renew it through $cbs.',
}

export const SERVER_BUSY: AmqpError = {
  condition: 'com.microsoft:server-busy',
  description: 'The request was terminated because the namespace is being throttled. Wait a while and try again.',
}

export function claimMissing(right: string, resource: string): AmqpError {
  return {
    condition: 'amqp:unauthorized-access',
    description: `Unauthorized access. '${right}' claim(s) are required to perform this operation. Resource: '${resource}'.`,
  }
}

export function entityDisabled(operation: 'send' | 'receive', name: string): AmqpError {
  return {
    condition: 'com.microsoft:entity-disabled',
    description: `Messaging entity '${name}' is currently disabled for ${operation}.`,
  }
}

export function notAllowed(description: string): AmqpError {
  return { condition: 'amqp:not-allowed', description }
}

export function errorOf(result: 'message-lock-lost' | 'session-lock-lost'): AmqpError {
  return result === 'message-lock-lost' ? LOCK_LOST : SESSION_LOCK_LOST
}
