import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@\//, replacement: fileURLToPath(new URL('./', import.meta.url)) },
      { find: 'server-only', replacement: fileURLToPath(new URL('./lib/testing/server-only.ts', import.meta.url)) },
    ],
  },
  test: {
    include: [
      'lib/**/*.test.ts',
      'app/**/*.test.ts',
      'components/**/*.test.ts',
      'chaos/**/*.test.ts',
      'bench/**/*.test.ts',
    ],
    globalSetup: ['lib/testing/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    env: { HEADRACE_LOG_LEVEL: process.env.HEADRACE_LOG_LEVEL ?? 'silent' },
  },
})
