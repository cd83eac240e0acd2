import type { Container } from 'rhea'
import { isSecretOf, type Right } from '../access-keys'
import type { Namespace } from '../namespace'
import type { ConnectionInternals } from './rhea-private'

/** What a key allows below a path; `` is the whole namespace. */
export type ProvenRights = { path: string; rights: Right[] }

/** One attempt to sign in, as rhea wants it. */
type Mechanism = { outcome: boolean | undefined; start(response: Buffer | undefined): void; proven?: ProvenRights[] }

/**
 * ANONYMOUS, MSSBCBS and EXTERNAL prove nothing: what such a client may do is settled by its tokens through `$cbs`.
 * PLAIN carries a key's name and the key, and opens what that key opens.
 */
export function offerMechanisms(container: Container, namespace: Namespace): void {
  const mechanisms = container.sasl_server_mechanisms as Record<string, () => Mechanism>
  for (const name of ['ANONYMOUS', 'MSSBCBS', 'EXTERNAL']) mechanisms[name] = acceptAlways
  mechanisms.PLAIN = () => plain(namespace)
}

/** What a connection proved with PLAIN; nothing after the other mechanisms. */
export function provenRights(connection: ConnectionInternals): ProvenRights[] {
  return connection.sasl_transport?.selected?.mechanism?.proven ?? []
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
      const [, name = '', password = ''] = (response?.toString('utf8') ?? '').split('\0')
      const scopes = [
        { path: '', keys: namespace.keys },
        ...namespace.list().map((entity) => ({ path: entity.name.toLowerCase(), keys: entity.keys })),
      ]
      this.proven = scopes.flatMap(({ path, keys }) =>
        keys.filter((key) => key.name === name && isSecretOf(key, password)).map(({ rights }) => ({ path, rights })),
      )
      this.outcome = this.proven.length > 0
    },
  }
}
