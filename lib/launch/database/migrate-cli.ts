import path from 'node:path'
import { findPostgres, startPostgres } from '../postgres/server'
import { createMigration, deployMigrations, readMigrationStatus } from './migrate'

const USAGE = `npm run migrate -- deploy        apply the migrations that the database lacks
npm run migrate -- dev <name>    write the next migration from prisma/schema.prisma, and apply it
npm run migrate -- status        say what differs

Works on DATABASE_URL, or on the embedded Postgres in .data when that is not set.`

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function main([command, name]: string[]): Promise<number> {
  if (command === 'deploy') return withDatabase(deploy)
  if (command === 'status') return withDatabase(printStatus)
  if (command === 'dev' && name && /^[a-z0-9_]+$/.test(name)) return withDatabase((url) => develop(url, name))
  console.error(command === 'dev' ? `A migration needs a name of a-z, 0-9 and _.\n\n${USAGE}` : USAGE)
  return 2
}

async function deploy(url: string): Promise<number> {
  const applied = await deployMigrations(url)
  console.log(applied.length ? `Applied: ${applied.join(', ')}` : 'Nothing to apply.')
  return 0
}

async function develop(url: string, name: string): Promise<number> {
  const folder = await createMigration(url, name)
  if (!folder) {
    console.log('prisma/schema.prisma and the migrations agree; nothing to write.')
    return 0
  }
  console.log(`Wrote ${path.relative(process.cwd(), folder)}/migration.sql. Read it before you commit it.`)
  return deploy(url)
}

async function printStatus(url: string): Promise<number> {
  const { unapplied, schemaChange, drift } = await readMigrationStatus(url)
  if (unapplied.length) console.log(`Not applied yet: ${unapplied.join(', ')}. Run \`npm run migrate -- deploy\`.`)
  if (schemaChange) console.log(`prisma/schema.prisma has no migration for:\n${schemaChange}`)
  if (drift) console.log(`The database was changed by hand:\n${drift}`)
  const isClean = !unapplied.length && !schemaChange && !drift
  if (isClean) console.log('Schema, migrations and database agree.')
  return isClean ? 0 : 1
}

async function withDatabase(work: (url: string) => Promise<number>): Promise<number> {
  if (process.env.DATABASE_URL) return work(process.env.DATABASE_URL)
  const directory = path.join(process.env.HEADRACE_DATA ?? '.data', 'postgres')
  const running = await findPostgres(directory)
  if (running) return work(running.url)
  const server = await startPostgres(directory)
  try {
    return await work(server.url)
  } finally {
    await server.stop()
  }
}
