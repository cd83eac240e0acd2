import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeAuthority, type TestAuthority } from '@/lib/testing/test-authority'
import { CAPABILITIES } from './capabilities'

/** One line of a client's program: what came of one capability. */
export type CheckResult = { check: string; ok?: boolean; absent?: boolean; error?: string; trace?: string; ms: number }

export type ClientBroker = { broker: TestBroker; authority: TestAuthority; host: string; close(): Promise<void> }

/**
 * A broker with a queue for each capability, with fault switches and TLS. It listens on port 5671 of a loopback address
 * of its own, because azure-servicebus 7.3.1 can not be told another port.
 */
export async function startClientBroker(): Promise<ClientBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-clients-'))
  const host = loopbackAddress()
  const authority = makeAuthority(directory, [host])
  const args = ['--host', host, '--port', '5671', '--tls-cert', authority.certFile, '--tls-key', authority.keyFile]
  const broker = await testBroker({ faults: true, args })
  const queues = Object.entries(CAPABILITIES)
  await Promise.all(queues.map(([name, { queue }]) => broker.createQueue(name, queue)))
  const administration = administrationClient(broker.connectionString)
  await administration.updateQueue({
    ...(await administration.getQueue('error-claim')),
    authorizationRules: [
      { claimType: 'SharedAccessKey', keyName: 'listener', primaryKey: 'listen-only', accessRights: ['Listen'] },
    ],
  })
  return {
    broker,
    authority,
    host,
    async close() {
      await broker.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Runs a client's program as a process of its own; results by capability. Rejects when the program itself fails. */
export function runClient(
  { broker, authority, host }: ClientBroker,
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<Map<string, CheckResult>> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CONNECTION_STRING: broker.connectionString,
      CA_FILE: authority.caFile,
      HTTP: `http://${host}:${broker.port}`,
      CHECKS: Object.keys(CAPABILITIES).join(','),
      ...env,
    },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code !== 0) return reject(new Error(`${command} ended with code ${code}: ${stderr.slice(-3000)}`))
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
      const results = lines.map((line) => JSON.parse(line) as CheckResult)
      resolve(new Map(results.map((result) => [result.check, result])))
    })
  })
}

/** Linux answers on all of 127/8; elsewhere only the first address is there. */
function loopbackAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1'
  const byte = () => 1 + Math.floor(Math.random() * 250)
  return `127.${byte()}.${byte()}.${byte()}`
}
