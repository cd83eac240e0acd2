import { Badge } from '@/components/ui/badge'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { LANGUAGE_LABELS } from '@/lib/algorithms/words'
import type { ManagedEnvironment } from '@/lib/environments/queries'
import { EnvironmentActions } from './environment-actions'

/** Every environment, in the order in which they are offered. */
export function EnvironmentTable({ environments }: { environments: ManagedEnvironment[] }) {
  return (
    <Table label="Environments" className="min-w-[48rem]">
      <thead>
        <tr>
          <Th>Name</Th>
          <Th>Language</Th>
          <Th>Version</Th>
          <Th>Interpreter</Th>
          <Th className="text-right">Algorithms</Th>
          <Th>State</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {environments.map((environment, index) => (
          <Tr key={environment.id}>
            <Td className="font-semibold">{environment.displayName}</Td>
            <Td className="whitespace-nowrap">{LANGUAGE_LABELS[environment.language]}</Td>
            <Td className="tabular-nums">{environment.exactVersion}</Td>
            <Td className="break-all font-mono text-sm">{environment.interpreterPath}</Td>
            <Td className="text-right tabular-nums">{environment.algorithmCount}</Td>
            <Td>
              <EnvironmentState environment={environment} />
            </Td>
            <Td className="text-right">
              <EnvironmentActions
                environment={environment}
                // The default one stays first, whatever its place is.
                isFirst={index === 0 || environments[index - 1]?.isDefault === true}
                isLast={index === environments.length - 1}
              />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function EnvironmentState({ environment }: { environment: ManagedEnvironment }) {
  if (!environment.isAvailable) return <Badge tone="warning">Not found any more</Badge>
  if (environment.isDefault) return <Badge tone="info">Default</Badge>
  return environment.isEnabled ? <Badge tone="success">Offered</Badge> : <Badge>Not offered</Badge>
}
