import { networkInterfaces } from 'node:os'
import { expect, it } from 'vitest'
import { isOwnAddress, isPublicAddress } from './addresses'

it.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '168.63.129.16',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  '0:0:0:0:0:ffff:a00:1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:db8::1',
  '3fff::1',
  '5f00::1',
  '192.0.2.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'ff02::1',
  'localhost',
  '',
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

it.each(['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '::ffff:8.8.8.8', '2606:4700:4700::1111'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true)
  },
)

it('each address of this machine is its own, in every notation; others are not', () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  expect(own.length).toBeGreaterThan(0)
  for (const { address, family } of own) {
    expect(isOwnAddress(address)).toBe(true)
    if (family === 'IPv4') expect(isOwnAddress(`::ffff:${address}`)).toBe(true)
  }
  expect(['1.1.1.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'].filter(isOwnAddress)).toEqual([])
})
