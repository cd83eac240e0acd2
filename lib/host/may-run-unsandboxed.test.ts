import { expect, it } from 'vitest'
import { mayRunUnsandboxed } from './may-run-unsandboxed'

it.each([
  ['nobody opted in', '0', '0', '127.0.0.1', false],
  ['an administrator opted in', '1', '0', '0.0.0.0', true],
  ['`npm run up` on loopback', '0', '1', '127.0.0.1', true],
  ['`npm run up` on loopback of version 6', '0', '1', '::1', true],
  ['its mark on a server that others reach', '0', '1', '0.0.0.0', false],
  ['its mark on a server with a name', '0', '1', 'console.example.com', false],
] as const)('without isolation, with %s', (_, allow, loopback, host, expected) => {
  const settings = { HEADRACE_ALLOW_UNSANDBOXED: allow, HEADRACE_LOOPBACK_ONLY: loopback, HOSTNAME: host }
  expect(mayRunUnsandboxed(settings)).toBe(expected)
})
