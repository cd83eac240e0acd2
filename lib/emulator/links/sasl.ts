import type { Container } from 'rhea'
import type { AccessKey } from '../access-keys'
import type { Namespace } from '../namespace'
import type { ConnectionInternals } from './rhea-private'

/** One attempt to sign in, as rhea wants it. */
type Mechanism = { outcome: boolean | undefined; start(response: Buffer | undefined): void; provenKey?: AccessKey }

/**
 * ANONYMOUS, MSSBCBS and EXTERNAL prove nothing: what such a client may do is settled by its tokens through `$cbs`.
 * PLAIN carries a key's name and the key, and opens what that key opens.
 */
export function offerMechanisms(container: Container, namespace: Namespace): void {
  const mechanisms = container.sasl_server_mechanisms as Record<string, () => Mechanism>
  for (const name of ['ANONYMOUS', 'MSSBCBS', 'EXTERNAL']) mechanisms[name] = acceptAlways
  mechanisms.PLAIN = () => plain(namespace)
}

/** The key that a connection proved with PLAIN. */
export function provenKey(connection: ConnectionInternals): AccessKey | undefined {
  return connection.sasl_transport?.selected?.mechanism?.provenKey
}

function acceptAlways(): Mechanism {
  return {
    outcome: undefined,
    start() {
      this.outcome = true
    },
  }
}

/** The response is `authorization id NUL user NUL password`. */
function plain(namespace: Namespace): Mechanism {
  return {
    outcome: undefined,
    start(response) {
      const [, name, password] = (response?.toString('utf8') ?? '').split('\0')
      const key = namespace.keys.find((candidate) => candidate.name === name && candidate.key === password)
      if (key) this.provenKey = key
      this.outcome = key !== undefined
    },
  }
}
