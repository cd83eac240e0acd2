import { expect, it } from 'vitest'
import { newRootKey } from './access-keys'
import { formatConnectionString } from './connection-string'

it.each([
  ['127.0.0.1', 'sb://127.0.0.1:5672'],
  ['broker.example', 'sb://broker.example:5672'],
  ['::1', 'sb://[::1]:5672'],
  ['fd00::7', 'sb://[fd00::7]:5672'],
  ['0.0.0.0', 'sb://127.0.0.1:5672'],
  ['::', 'sb://[::1]:5672'],
])('a broker that listens on %s is reached at %s', (host, endpoint) => {
  expect(formatConnectionString(host, 5672, newRootKey())).toContain(`Endpoint=${endpoint};`)
})
