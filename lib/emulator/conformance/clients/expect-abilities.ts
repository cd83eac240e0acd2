import { expect, it } from 'vitest'
import { abilityOf, CAPABILITIES, type Capability, type ClientName } from './capabilities'
import type { CheckResult } from './run-client'

/** One test a capability: what the client's program found must be what its table says. */
export function expectAbilities(client: ClientName, results: () => Map<string, CheckResult> | undefined): void {
  it.each(Object.entries(CAPABILITIES))('%s', (name, capability) => {
    const result = results()?.get(name)
    if (!result) throw new Error(`the program said nothing of ${name}`)
    expectAbility(client, capability, result)
  })
}

function expectAbility(client: ClientName, capability: Capability, result: CheckResult): void {
  const ability = abilityOf(client, capability)
  if (ability === 'has none') expect(result).toMatchObject({ absent: true })
  else if (ability === 'can') {
    if (!result.ok) throw new Error(`${capability.title}: ${result.error ?? 'not tried'}\n${result.trace ?? ''}`)
  } else {
    expect(result.ok, `${capability.title} worked, although the table says it does not`).toBe(false)
    expect(result.error).toMatch(ability.cannot)
  }
}
