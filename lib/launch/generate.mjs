/**
 * Generates the Prisma client without downloading an engine.
 *
 * `prisma generate` never runs the schema engine but insists on having one; any existing file satisfies it.
 */
import { spawnSync } from 'node:child_process'

const { status } = spawnSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], {
  stdio: 'inherit',
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
})
process.exit(status ?? 1)
