import { Card, Section } from '@/components/ui/card'
import { TimeAgo } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { formatBytes } from '@/lib/format'
import type { PackageEnvironments } from '@/lib/package-environments/queries'
import { UNUSED_ENVIRONMENT_DAYS } from '@/lib/package-environments/schema'

const LANGUAGES = { python: 'Python', node: 'Node.js' }

/** What builds have installed, and how much room it takes. */
export function PackageEnvironmentTable({ listed }: { listed: PackageEnvironments }) {
  const { environments, total, totalBytes } = listed
  return (
    <Section
      title="Installed packages"
      description={`Builds that need the same packages share them. What no version uses, and nothing has used for ${UNUSED_ENVIRONMENT_DAYS} days, is removed.${total > 0 ? ` Together: ${formatBytes(totalBytes)}.` : ''}`}
    >
      {total === 0 ? (
        <Card className="px-6 py-8 text-center text-ink-soft">No build has installed packages yet.</Card>
      ) : (
        <Table label="Installed packages" className="min-w-[40rem]">
          <thead>
            <tr>
              <Th>Packages</Th>
              <Th>Language</Th>
              <Th>Installed with</Th>
              <Th className="text-right">Versions</Th>
              <Th className="text-right">Size</Th>
              <Th>Last build</Th>
            </tr>
          </thead>
          <tbody>
            {environments.map((environment) => (
              <Tr key={environment.key}>
                <Td>
                  <details>
                    <summary className="cursor-pointer font-mono text-sm">
                      {environment.key.slice(0, 8)} ({environment.packages.length})
                    </summary>
                    <ul className="break-all py-2 font-mono text-sm">
                      {environment.packages.map((name) => (
                        <li key={name}>{name}</li>
                      ))}
                    </ul>
                  </details>
                </Td>
                <Td className="whitespace-nowrap">
                  {LANGUAGES[environment.language]} {environment.interpreterVersion}
                </Td>
                <Td>{environment.installer}</Td>
                <Td className="text-right tabular-nums">{environment.versionCount}</Td>
                <Td className="whitespace-nowrap text-right tabular-nums">{formatBytes(environment.sizeBytes)}</Td>
                <Td className="whitespace-nowrap text-ink-soft">
                  <TimeAgo at={environment.usedAt} />
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  )
}
