import type { FlowSpec, FlowWish } from './target'

// What the states of a consumer mean for people: what is, and what to do.

export const DATABASE_AWAY_TEXT = 'The database does not answer. Messages are held until it does, and none is lost.'

export const ENGINE_STOPPED_TEXT = 'The engine has stopped. It goes on when the server starts again.'

export const DRAINING_TEXT = 'Receives no further messages and ends those in work.'

export function waitingText({ algorithmName, versionSelector }: FlowSpec): string {
  const wanted = versionSelector ? `version ${versionSelector}` : 'version'
  return `There is no ${wanted} of ${algorithmName} that the flow's owner may call. Publish one; messages stay on the queue until then.`
}

export function pausedText({ by }: FlowWish): string {
  return `Paused${byWhom(by)}. Messages stay on the queue until somebody resumes the flow; those in work end.`
}

export function drainedText({ by }: FlowWish): string {
  return `Drained${byWhom(by)}: nothing is received and nothing is in work. Resume the flow to go on.`
}

export function drainingText({ by }: FlowWish): string {
  return `Draining${byWhom(by)}. ${DRAINING_TEXT}`
}

export function startingText({ queueName, namespaceHost }: FlowSpec): string {
  return `Connects to queue ${queueName} on ${namespaceHost}.`
}

export function silentText(seconds: number): string {
  return `There are messages on the queue, but none came for ${seconds} s. The link is built anew.`
}

export function frozenText({ namespaceHost }: FlowSpec): string {
  return `${namespaceHost} keeps the connection open but does not answer. The link is built anew.`
}

function byWhom(by: string | null): string {
  return by ? ` by ${by}` : ''
}
