import { randomBytes } from 'node:crypto'
import { encrypt } from '@/lib/crypto'
import type { Db } from '@/lib/db'
import { makeUserContext } from '@/lib/testing/contexts'
import { namespaceHostOf, parseConnectionString } from '../broker/connection-string'
import type { LeaseMark } from '../leases/lease'

/** An algorithm without source: enough for whom only its versions matter. */
export async function makeAlgorithmRow(db: Db): Promise<{ id: string; ownerId: string; name: string }> {
  const { account } = await makeUserContext(db)
  const environment = await db.environment.upsert({
    where: { name: 'python3' },
    create: {
      name: 'python3',
      displayName: 'Python 3',
      language: 'python',
      interpreterPath: '/usr/bin/python3',
      exactVersion: '3.11.2',
    },
    update: {},
  })
  const name = `algorithm_${randomBytes(4).toString('hex')}`
  return db.algorithm.create({
    data: { ownerId: account.id, name, label: name, environmentId: environment.id },
    select: { id: true, ownerId: true, name: true },
  })
}

/** Publishes `0.<minor>.0` of the algorithm. */
export async function publishRow(db: Db, algorithmId: string, minor = 1): Promise<string> {
  const sha = randomBytes(20).toString('hex')
  await db.commit.create({ data: { algorithmId, sha, message: 'a test', authorName: 'a test' } })
  const build = await db.build.create({ data: { algorithmId, commitSha: sha, status: 'succeeded' } })
  const version = await db.version.create({
    data: { algorithmId, buildId: build.id, major: 0, minor, revision: 0, callability: 'private' },
  })
  return version.id
}

/** A flow of the algorithm's owner. */
export async function connectFlow(
  db: Db,
  algorithm: { id: string; ownerId: string },
  { connectionString, queueName }: { connectionString: string; queueName: string },
): Promise<{ id: string }> {
  return db.eventFlow.create({
    data: {
      ownerId: algorithm.ownerId,
      algorithmId: algorithm.id,
      queueName,
      namespaceHost: namespaceHostOf(parseConnectionString(connectionString)),
      connectionString: encrypt(connectionString),
      timeoutSeconds: 60,
    },
    select: { id: true },
  })
}

/** Makes the flow some engine's; an earlier owner's lease lapses. */
export async function takeLease(db: Db, flowId: string): Promise<LeaseMark> {
  const engine = await db.engine.create({
    data: { hostName: 'a test', pid: process.pid, expiresAt: new Date(Date.now() + 3_600_000) },
  })
  const { fence } = await db.flowLease.upsert({
    where: { flowId },
    create: { flowId, engineId: engine.id, fence: 1 },
    update: { engineId: engine.id, fence: { increment: 1 } },
  })
  return { flowId, engineId: engine.id, fence }
}
