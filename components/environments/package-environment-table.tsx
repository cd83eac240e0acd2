import { Card, Section } from '@/components/ui/card'
import { TimeAgo } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import { formatBytes } from '@/lib/format'
import type { PackageEnvironments } from '@/lib/package-environments/queries'
import { UNUSED_ENVIRONMENT_DAYS } from '@/lib/package-environments/schema'

const LANGUAGES = { python: 'Python', node: 'Node.js' }
const SHOWN_ALGORITHMS = 3

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
        <Table label="Installed packages" className="min-w-[52rem] [&_td]:align-top">
          <thead>
            <tr>
              <Th>Packages</Th>
              <Th>Built for</Th>
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
                    <summary className="cursor-pointer break-all font-mono text-sm">
                      {summaryOf(environment.packages)}
                    </summary>
                    <ul className="break-all py-2 font-mono text-sm">
                      {environment.packages.map((name) => (
                        <li key={name}>{name}</li>
                      ))}
                    </ul>
                  </details>
                </Td>
                <Td>
                  <BuiltFor algorithms={environment.algorithms} />
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

/** The first package, and how many there are besides. */
function summaryOf([first = 'Nothing', ...rest]: string[]): string {
  return rest.length > 0 ? `${first} and ${rest.length} more` : first
}

function BuiltFor({ algorithms }: { algorithms: string[] }) {
  const more = algorithms.length - SHOWN_ALGORITHMS
  return (
    <ul>
      {algorithms.slice(0, SHOWN_ALGORITHMS).map((endpoint) => (
        <li key={endpoint} className="break-all">
          <TextLink href={`/algorithms/${endpoint}/builds`}>{endpoint}</TextLink>
        </li>
      ))}
      {more > 0 && <li className="text-ink-soft">and {more} more</li>}
      {algorithms.length === 0 && <li className="text-ink-soft">-</li>}
    </ul>
  )
}
