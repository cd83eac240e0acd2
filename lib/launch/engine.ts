import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runEngine } from '@/lib/host/run-engine'
import { describeFailure, LaunchError } from './entry/launch-error.mjs'
import { forceSignal, stopSignal, watchForStop } from './entry/stopping.mjs'
import { findPostgres } from './postgres/server'

/** `npm run engine`: the engine alone. What is not set is taken from the data directory of `npm run up`. */
watchForStop()
try {
  process.env.HEADRACE_ROLE = 'engine'
  const data = path.resolve(process.env.HEADRACE_ROOT ?? process.cwd(), process.env.HEADRACE_DATA ?? '.data')
  process.env.HEADRACE_DATA = data
  process.env.DATABASE_URL ??= await embeddedDatabase(data)
  process.env.HEADRACE_ENCRYPTION_KEY ??= encryptionKey(data)
  process.exit(await runEngine({ stop: stopSignal, force: forceSignal }))
} catch (error) {
  const next = 'Compare the variables with the README, then run the command again.'
  const failure =
    error instanceof LaunchError ? error : new LaunchError(String((error as Error)?.message ?? error), '', next)
  process.stderr.write(describeFailure(failure, 'The engine did not start.'))
  process.exit(1)
}

async function embeddedDatabase(data: string): Promise<string> {
  const running = await findPostgres(path.join(data, 'postgres'))
  if (running) return running.url
  throw new LaunchError(
    'There is no database.',
    `DATABASE_URL is not set, and no embedded Postgres runs in ${data}.`,
    'Start the console first (HEADRACE_ROLE=web npm run up), or set DATABASE_URL.',
  )
}

/** It must be the console's own: flows' connection strings are sealed with it. */
function encryptionKey(data: string): string {
  const file = path.join(data, 'encryption-key')
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  throw new LaunchError(
    'There is no encryption key.',
    `HEADRACE_ENCRYPTION_KEY is not set, and ${file} is not there.`,
    "Set the console's HEADRACE_ENCRYPTION_KEY and its HEADRACE_DATA.",
  )
}
