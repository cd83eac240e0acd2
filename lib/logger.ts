import pino from 'pino'

/** Paths whose values never reach a log line. */
const SECRET_PATHS = ['connectionString', 'password', 'apiKey', 'secret', 'value', '*.connectionString', '*.password']

/** The process's logger: JSON lines on standard error, one `component` a child. */
export const logger = pino(
  { level: process.env.HEADRACE_LOG_LEVEL ?? 'info', redact: { paths: SECRET_PATHS, censor: '[redacted]' } },
  pino.destination(2),
)

export type Logger = pino.Logger

export function componentLogger(component: string): Logger {
  return logger.child({ component })
}
