import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'

/** Paths of PEM files. */
export type TestAuthority = { caFile: string; certFile: string; keyFile: string }

/** A certificate authority for tests and a server's certificate from it, for localhost and the given addresses and names. */
export function makeAuthority(directory: string, addresses: string[] = ['127.0.0.1']): TestAuthority {
  const path = (name: string) => join(directory, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const extensions = [
    'DNS:localhost',
    ...addresses.map((address) => `${isIP(address) ? 'IP' : 'DNS'}:${address}`),
  ].join(',')
  writeFileSync(path('extensions'), `subjectAltName=${extensions}\n`)
  const newKey = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', path(name)]
  const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign']
  openssl(
    ...['req', '-x509', '-days', '1', '-subj', '/CN=Headrace test authority', ...newKey('ca.key')],
    ...authority.flatMap((extension) => ['-addext', extension]),
    ...['-out', path('ca.pem')],
  )
  openssl('req', '-subj', '/CN=localhost', ...newKey('key.pem'), '-out', path('request.pem'))
  openssl(
    ...['x509', '-req', '-days', '1', '-in', path('request.pem'), '-extfile', path('extensions')],
    ...['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-out', path('cert.pem')],
  )
  return { caFile: path('ca.pem'), certFile: path('cert.pem'), keyFile: path('key.pem') }
}
