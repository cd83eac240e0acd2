import { z } from 'zod'
import { AlgorithmPath } from './schema'

export const MAX_CONSOLE_INPUT_CHARS = 1024 * 1024

/** One run from the console: JSON as it was typed, on a version, a range or a commit. */
export const RunInConsole = AlgorithmPath.extend({
  version: z.string().max(60).default(''),
  input: z.string().max(MAX_CONSOLE_INPUT_CHARS),
})
export type RunInConsole = z.input<typeof RunInConsole>

/** What a run shows. `output` is JSON, or base64 for binary results. */
export type ConsoleRun = { executionId: string; durationMs: number; logs: string } & (
  | { ok: true; output: string; isBinary: boolean }
  | { ok: false; errorType: string; message: string; stackTrace: string | null }
)
