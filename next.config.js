/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  serverExternalPackages: ['@azure/service-bus', 'pg', 'pino'],
  poweredByHeader: false,
  devIndicators: { position: 'bottom-right' },
}
