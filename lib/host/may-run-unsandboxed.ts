import type { Env } from '@/lib/env'

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

/** Whether algorithms may run where nothing keeps them apart: somebody opted in, or nobody else can reach this server. */
export function mayRunUnsandboxed({
  HEADRACE_ALLOW_UNSANDBOXED,
  HEADRACE_LOOPBACK_ONLY,
  HOSTNAME,
}: Pick<Env, 'HEADRACE_ALLOW_UNSANDBOXED' | 'HEADRACE_LOOPBACK_ONLY' | 'HOSTNAME'>): boolean {
  if (HEADRACE_ALLOW_UNSANDBOXED === '1') return true
  return HEADRACE_LOOPBACK_ONLY === '1' && LOOPBACK.includes(HOSTNAME)
}
