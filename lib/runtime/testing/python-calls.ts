import type { Invocation, Payload } from '../port'

export const NOTHING: Payload = { type: 'json', bytes: Buffer.from('null') }

/** A Python source with the guide's frame around `code`. */
export function adk(code: string, kit = 'ADK(apply)'): string {
  return `import Algorithmia\nfrom Algorithmia import ADK\n${code}\nalgorithm = ${kit}\nalgorithm.init("Algorithmia")\n`
}

export function json(value: unknown): Payload {
  return { type: 'json', bytes: Buffer.from(JSON.stringify(value)) }
}

/** Throws when there was no error. */
export function errorOf(invocation: Invocation) {
  if (invocation.ok) throw new Error(`it answered ${invocation.result.bytes.toString('utf8')}`)
  return invocation.error
}

/** The result, parsed; throws when there is none. */
export function jsonOf(invocation: Invocation): unknown {
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return JSON.parse(invocation.result.bytes.toString('utf8'))
}
