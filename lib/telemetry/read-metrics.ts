import { timingSafeEqual } from 'node:crypto'
import { renderMetrics } from './registry'
import { sampleGauges } from './sample'

/** What this process counts, as Prometheus reads it. */
export function readMetrics(): Promise<{ contentType: string; text: string }> {
  sampleGauges()
  return renderMetrics()
}

/** Whether a request's Authorization header brings HEADRACE_METRICS_TOKEN; takes the same time for each wrong one. */
export function isMetricsToken(authorization: string | null | undefined, token: string): boolean {
  const [given, wanted] = [Buffer.from(authorization ?? ''), Buffer.from(`Bearer ${token}`)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
