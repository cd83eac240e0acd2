import { Badge } from '@/components/ui/badge'
import { cn } from '@/components/ui/cn'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { LANGUAGE_LABELS } from '@/lib/algorithms/words'
import type { ManagedEnvironment } from '@/lib/environments/queries'
import { EnvironmentActions } from './environment-actions'

/** On a narrow screen these cells would push state and actions off it; the first cell says the same. */
const WIDE_ONLY = 'hidden md:table-cell'

/** Every environment, in the order in which they are offered. */
export function EnvironmentTable({ environments }: { environments: ManagedEnvironment[] }) {
  return (
    <Table label="Environments" className="md:min-w-[48rem]">
      <thead>
        <tr>
          <Th>Name</Th>
          <Th className={WIDE_ONLY}>Language</Th>
          <Th className={WIDE_ONLY}>Version</Th>
          <Th className={WIDE_ONLY}>Interpreter</Th>
          <Th className={cn(WIDE_ONLY, 'text-right')}>Algorithms</Th>
          <Th>State</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {environments.map((environment, index) => (
          <Tr key={environment.id}>
            <Td className="font-semibold">
              {environment.displayName}
              <NarrowFacts environment={environment} />
            </Td>
            <Td className={cn(WIDE_ONLY, 'whitespace-nowrap')}>{LANGUAGE_LABELS[environment.language]}</Td>
            <Td className={cn(WIDE_ONLY, 'tabular-nums')}>{environment.exactVersion}</Td>
            <Td className={cn(WIDE_ONLY, 'break-all font-mono text-sm')}>{environment.interpreterPath}</Td>
            <Td className={cn(WIDE_ONLY, 'text-right tabular-nums')}>{environment.algorithmCount}</Td>
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

function NarrowFacts({ environment }: { environment: ManagedEnvironment }) {
  const { exactVersion, interpreterPath, algorithmCount } = environment
  return (
    <span className="block font-normal text-ink-soft text-sm md:hidden">
      {exactVersion}, algorithms: {algorithmCount}
      <span className="block break-all font-mono">{interpreterPath}</span>
    </span>
  )
}

function EnvironmentState({ environment }: { environment: ManagedEnvironment }) {
  if (!environment.isAvailable) return <Badge tone="warning">Not found any more</Badge>
  if (environment.isDefault) return <Badge tone="info">Default</Badge>
  return environment.isEnabled ? <Badge tone="success">Offered</Badge> : <Badge>Not offered</Badge>
}
