import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { startBuild } from '@/lib/builds/commands/start-build'
import type { Context } from '@/lib/context'
import { encrypt } from '@/lib/crypto'
import { createCollection } from '@/lib/data/commands/create-collection'
import { db } from '@/lib/db'
import { startHost } from '@/lib/host/start'
import { deployMigrations } from '@/lib/launch/database/migrate'
import { type PostgresServer, startPostgres } from '@/lib/launch/postgres/server'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { ROOT } from '../root'

const POLL_MS = 100

const SOURCES = {
  python: (name: string) => ({
    path: `src/${name}.py`,
    text: `from Algorithmia import ADK\n\n\ndef apply(input):\n    return input\n\n\nalgorithm = ADK(apply)\nalgorithm.init(0)\n`,
  }),
  node: (name: string) => ({ path: `src/${name}.js`, text: 'exports.apply = (input) => input\n' }),
}

export type BenchAlgorithm = { id: string; ownerId: string }

/** Postgres with its usual settings, a data directory, and two algorithms that hand back their input. */
export type Place = {
  postgres: PostgresServer
  env: NodeJS.ProcessEnv
  /** `OWNER/COLLECTION` for results. */
  collection: string
  algorithms: Record<keyof typeof SOURCES, BenchAlgorithm>
  close(): Promise<void>
}

/** Everything is made as a person would make it: through the commands, with real builds. */
export async function makePlace(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-bench-'))
  // Postgres and workers have users of their own.
  chmodSync(directory, 0o711)
  const postgres = await startPostgres(join(directory, 'postgres'))
  const values = {
    NODE_ENV: 'production' as const,
    DATABASE_URL: postgres.url,
    HEADRACE_ROOT: ROOT,
    HEADRACE_DATA: join(directory, 'data'),
    HEADRACE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    HEADRACE_LOG_LEVEL: 'error',
    HEADRACE_LOOPBACK_ONLY: '1',
    NEXTAUTH_SECRET: randomBytes(32).toString('hex'),
    NEXTAUTH_URL: 'http://127.0.0.1:3000',
  }
  Object.assign(process.env, values, { HEADRACE_ROLE: 'web' })
  await deployMigrations(postgres.url)
  const host = startHost()
  await host.started
  const ctx = await makeOwner()
  await createCollection(ctx, { owner: 'bench', name: 'results' })
  const algorithms = { python: await publishNoOp(ctx, 'python'), node: await publishNoOp(ctx, 'node') }
  await host.stop('everything is made')
  return {
    postgres,
    env: { ...process.env, HEADRACE_ROLE: 'engine', HEADRACE_ENGINE_PORT: '0' },
    collection: 'bench/results',
    algorithms,
    async close() {
      await db().$disconnect()
      await postgres.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function makeOwner(): Promise<Context> {
  const name = 'bench'
  const { id, user } = await db().account.create({
    data: {
      kind: 'user',
      name,
      nameKey: name,
      displayName: name,
      user: { create: { passwordHash: 'unusable', isAdmin: true } },
    },
    select: { id: true, user: { select: { id: true } } },
  })
  return { actor: { kind: 'user', userId: user?.id ?? '', accountId: id, name, isAdmin: true } }
}

async function publishNoOp(ctx: Context, language: keyof typeof SOURCES): Promise<BenchAlgorithm> {
  const environment = await db().environment.findFirstOrThrow({ where: { language }, select: { name: true } })
  const created = await createAlgorithm(ctx, { name: `echo_${language}`, environment: environment.name })
  const path = { owner: created.owner, name: created.name }
  await saveSource(ctx, { ...path, parentSha: created.commitSha, changes: [SOURCES[language](created.name)] })
  const { buildId } = await startBuild(ctx, path)
  for (;;) {
    const build = await db().build.findUniqueOrThrow({ where: { id: buildId } })
    if (build.status === 'succeeded') break
    if (build.finishedAt) throw new Error(`the build of ${created.name} failed: ${build.error}`)
    await sleep(POLL_MS)
  }
  await publishVersion(ctx, { ...path, buildId, bump: 'minor' })
  const { id, ownerId } = await db().algorithm.findUniqueOrThrow({ where: { id: created.id } })
  return { id, ownerId }
}

export type FlowOptions = { concurrency: number; outputCollection?: string; isPaused?: boolean }

/** Flows of one algorithm, one a queue, written as the form writes them but without its probe of each queue. */
export async function connectFlows(
  { id: algorithmId, ownerId }: BenchAlgorithm,
  broker: { connectionString: string; port: number },
  queueNames: string[],
  { concurrency, outputCollection, isPaused = false }: FlowOptions,
): Promise<string[]> {
  const flows = await db().eventFlow.createManyAndReturn({
    data: queueNames.map((queueName) => ({
      ownerId,
      algorithmId,
      queueName,
      namespaceHost: `127.0.0.1:${broker.port}`,
      connectionString: encrypt(broker.connectionString),
      timeoutSeconds: 60,
      concurrency,
      intent: isPaused ? ('paused' as const) : ('run' as const),
      ...(outputCollection && { outputCollection }),
    })),
    select: { id: true },
  })
  return flows.map(({ id }) => id)
}
