/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  // The built server has its code in .next; without this, folders that are only read by path would be copied beside it.
  outputFileTracingExcludes: {
    '/*': ['.data', '.git', 'app', 'bench', 'components', 'deploy', 'docs', 'e2e', 'lib', 'prisma', 'public'].map(
      (folder) => `./${folder}/**`,
    ),
  },
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  serverExternalPackages: ['@azure/service-bus', 'pg', 'pino'],
  poweredByHeader: false,
  // A save of source travels through an action: a file may have 1 MiB.
  experimental: { serverActions: { bodySizeLimit: '4mb' } },
  devIndicators: { position: 'bottom-right' },
}
