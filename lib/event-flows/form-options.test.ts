import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Context } from '@/lib/context'

const EMBEDDED = 'Endpoint=sb://127.0.0.1:5673;SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true'

const person = (isAdmin: boolean): Context => ({
  actor: { kind: 'user', userId: 'u', accountId: 'a', name: 'ezra', isAdmin },
})

beforeEach(() => {
  vi.stubEnv('DATABASE_URL', 'postgresql://127.0.0.1/unused')
  vi.stubEnv('HEADRACE_ENCRYPTION_KEY', Buffer.alloc(32).toString('base64'))
  vi.stubEnv('NEXTAUTH_SECRET', 'a-secret-for-tests-that-is-long-enough')
  vi.stubEnv('NEXTAUTH_URL', 'https://console.example:8443/some/path')
  vi.stubEnv('HEADRACE_EMBEDDED_BROKER', EMBEDDED)
})
afterEach(() => vi.unstubAllEnvs())

/** The environment is read once a process, so each case loads the modules anew. */
async function optionsFor(ctx: Context, isLoopbackOnly: boolean) {
  vi.stubEnv('HEADRACE_LOOPBACK_ONLY', isLoopbackOnly ? '1' : '0')
  vi.resetModules()
  const { getBrokerFormOptions } = await import('./form-options')
  return getBrokerFormOptions(ctx)
}

it('gives the embedded broker’s string only to an administrator of a server on loopback', async () => {
  expect((await optionsFor(person(true), true)).embeddedBroker).toBe(EMBEDDED)
  expect((await optionsFor(person(false), true)).embeddedBroker).toBeNull()
  expect((await optionsFor(person(true), false)).embeddedBroker).toBeNull()
})

it('shows algorithms under the address that people reach the console at', async () => {
  const { algorithmBaseUrl } = await optionsFor(person(false), false)
  expect(algorithmBaseUrl).toBe('https://console.example:8443/v1/algo/')
})
