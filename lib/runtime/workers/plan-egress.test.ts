import { expect, it } from 'vitest'
import { planEgress } from './plan-egress'

const FULL = { networkAccess: 'full' as const }
const KEY = 'SharedAccessKeyName=n;SharedAccessKey=k='

it('gives each broker of a secret a loopback address of its own', () => {
  const plan = planEgress(
    FULL,
    {
      A: `Endpoint=sb://one.servicebus.windows.net/;${KEY}`,
      B: `${KEY};Endpoint=sb://two.example:5999`,
      C: `Endpoint=sb://one.servicebus.windows.net/;${KEY};EntityPath=q`,
      D: `Endpoint=sb://localhost;${KEY};UseDevelopmentEmulator=true;`,
      E: 'not a connection string',
      F: `Endpoint=sb://one.servicebus.windows.net:5673;${KEY}`,
    },
    { allowedEgress: ['LOCALHOST:5672'], egressAllowList: [] },
  )
  expect(plan.tunnels.map(({ host, port }) => `${host}:${port}`)).toEqual([
    'one.servicebus.windows.net:5671',
    'two.example:5999',
    'localhost:5672',
    'one.servicebus.windows.net:5673',
  ])
  expect(plan.listens).toEqual(['127.0.1.1:5671', '127.0.1.2:5999', '127.0.0.1:5672', '127.0.1.1:5673'])
  expect(plan.hosts).toEqual(['127.0.1.1 one.servicebus.windows.net', '127.0.1.2 two.example'])
  expect(plan.rules.listed).toEqual(new Set(['localhost:5672']))
})

it('gives nothing to an isolated algorithm', () => {
  const plan = planEgress(
    { networkAccess: 'isolated' },
    { A: `Endpoint=sb://one.example;${KEY}` },
    {
      allowedEgress: ['localhost:5672'],
      egressAllowList: ['10.0.0.0/8'],
    },
  )
  expect(plan).toEqual({ rules: { isPublicAllowed: false, listed: new Set() }, tunnels: [], listens: [], hosts: [] })
})

it('leads no numeric address, low port or the API’s own port elsewhere', () => {
  const hosts = ['10.0.0.1', 'low.example:443', 'localhost:8080', '[::1]:5671']
  const secrets = Object.fromEntries(hosts.map((host, index) => [`S${index}`, `Endpoint=sb://${host};${KEY}`]))
  expect(planEgress(FULL, secrets, { allowedEgress: [], egressAllowList: [] }).tunnels).toEqual([])
})
