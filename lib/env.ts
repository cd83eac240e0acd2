import { z } from 'zod'

const Port = z.coerce.number().int().min(0).max(65535)

/** What the process reads from its environment; `npm run up` sets what a newcomer has not. */
const Env = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  /** Which parts run in this process. */
  HEADRACE_ROLE: z.enum(['all', 'web', 'engine']).default('all'),
  /** The checkout: harness files are found below it. */
  HEADRACE_ROOT: z.string().min(1).default(process.cwd()),
  /** Everything that is kept: repositories, files, builds, run directories. */
  HEADRACE_DATA: z.string().min(1).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** 32 random bytes, base64: encrypts connection strings and secrets. */
  HEADRACE_ENCRYPTION_KEY: z.base64().refine((value) => Buffer.from(value, 'base64').length === 32, {
    message: 'must be 32 bytes in base64, for example from: openssl rand -base64 32',
  }),
  NEXTAUTH_SECRET: z.string().min(32),
  NEXTAUTH_URL: z.url(),
  HEADRACE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Set by `npm run up`: the embedded broker's connection string, offered in the console. */
  HEADRACE_EMBEDDED_BROKER: z.string().optional(),
  /** How long a stop waits for messages in work before it gives them back. */
  HEADRACE_DRAIN_SECONDS: z.coerce.number().min(0).max(3600).default(30),
  /** How long inputs and results that are larger than their previews are kept whole. */
  HEADRACE_PAYLOAD_DAYS: z.coerce.number().min(0).max(3650).default(30),
  HEADRACE_ALLOW_UNSANDBOXED: z.enum(['0', '1']).default('0'),
  /** Set by `npm run up`: the server listens on loopback only. */
  HEADRACE_LOOPBACK_ONLY: z.enum(['0', '1']).default('0'),
  /** Set by `npm run up`: make demo data when there is no algorithm yet. */
  HEADRACE_DEMO: z.enum(['0', '1']).default('0'),
  /** Health and metrics of a process that runs the engine alone. */
  HEADRACE_ENGINE_PORT: Port.default(3001),
  /** Who reads metrics must bring it as a bearer token. */
  HEADRACE_METRICS_TOKEN: z.string().min(16).optional(),
  PORT: Port.default(3000),
  HOSTNAME: z.string().default('127.0.0.1'),
})

export type Env = z.infer<typeof Env> & { HEADRACE_DATA: string }

let parsed: Env | undefined

/** The environment, parsed once. Throws with the variables' names when something is missing or malformed. */
export function env(): Env {
  parsed ??= parseEnv(process.env)
  return parsed
}

/** An engine alone serves no pages, so nobody has to give it the console's address and secret. */
const NO_SIGN_IN = { NEXTAUTH_SECRET: 'an engine signs no session of anybody', NEXTAUTH_URL: 'http://127.0.0.1' }

/** Parses an environment; exported for tests and for the launcher's checks. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const result = Env.safeParse(source.HEADRACE_ROLE === 'engine' ? { ...NO_SIGN_IN, ...source } : source)
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The environment is not usable:\n${lines.join('\n')}\n\`npm run up\` sets all of these itself.`)
  }
  return { ...result.data, HEADRACE_DATA: result.data.HEADRACE_DATA ?? `${result.data.HEADRACE_ROOT}/.data` }
}
