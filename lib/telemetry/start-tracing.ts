import { trace } from '@opentelemetry/api'
import { setTracing } from './tracing'

/**
 * Sends spans to an OpenTelemetry collector when the standard variables ask for it: OTEL_EXPORTER_OTLP_ENDPOINT or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT (OTLP over HTTP, as JSON), unless OTEL_SDK_DISABLED is `true` or
 * OTEL_TRACES_EXPORTER is `none`. Headers, timeouts, sampler, batches, service name and resource are read from OTEL_*
 * too. Without them nothing of the SDK is loaded. Returns how to send what is left and end.
 */
export async function startTracing(
  env: Record<string, string | undefined> = process.env,
): Promise<() => Promise<void>> {
  if (!isWanted(env)) return async () => {}
  const [{ BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const fromEnvironment = resources.detectResources({ detectors: [resources.envDetector] })
  const named = resources.resourceFromAttributes({ 'service.name': env.OTEL_SERVICE_NAME ?? 'headrace' })
  const provider = new BasicTracerProvider({
    resource: named.merge(fromEnvironment),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  })
  trace.setGlobalTracerProvider(provider)
  setTracing(true)
  return async () => {
    setTracing(false)
    trace.disable()
    await provider.shutdown()
  }
}

function isWanted(env: Record<string, string | undefined>): boolean {
  const hasEndpoint = Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
  return hasEndpoint && env.OTEL_SDK_DISABLED !== 'true' && env.OTEL_TRACES_EXPORTER !== 'none'
}
