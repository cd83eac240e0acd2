/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  serverExternalPackages: ['@azure/core-tracing', '@azure/service-bus', 'pg', 'pino'],
  poweredByHeader: false,
  // A title that streams in after the page is away for a moment at each live refresh: let the page wait for it.
  htmlLimitedBots: /.*/,
  // `npm run up` builds what `npm test` has checked; a newcomer need not wait for the types.
  typescript: { ignoreBuildErrors: process.env.HEADRACE_SKIP_TYPE_CHECK === '1' },
  // A save of source travels through an action: a file may have 1 MiB.
  experimental: { serverActions: { bodySizeLimit: '4mb' } },
  devIndicators: { position: 'bottom-right' },
}
