import { type Ability, abilityOf, CAPABILITIES, CLIENTS, type ClientName } from './capabilities'

const HEADS: Record<ClientName, string> = {
  javascript: 'JavaScript 7.9.5',
  python: 'Python 7.15.0',
  'python-guide': 'Python 7.3.1',
}

/** What each client can do here, as the table of docs/broker.md: exactly what the tests of the clients hold. */
export function renderClientTable(): string {
  const rows = Object.values(CAPABILITIES).map((capability) => [
    capability.title,
    ...CLIENTS.map((client) => describe(abilityOf(client, capability))),
  ])
  const heads = ['', ...CLIENTS.map((client) => HEADS[client])]
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function describe(ability: Ability): string {
  if (ability === 'can') return 'yes'
  return ability === 'has none' ? '–' : `no: ${ability.because}`
}
