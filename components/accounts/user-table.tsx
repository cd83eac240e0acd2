import { Badge } from '@/components/ui/badge'
import { TimeAgo } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { UserRow } from '@/lib/accounts/queries'
import { UserActions } from './user-actions'

export function UserTable({ users, selfName }: { users: UserRow[]; selfName: string }) {
  return (
    <Table label="Users">
      <thead>
        <tr>
          <Th>User</Th>
          <Th>E-mail</Th>
          <Th>Role</Th>
          <Th>Last sign-in</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <Tr key={user.id}>
            <Td>
              <span className="font-bold">{user.name}</span>
              {user.name === selfName && <span className="text-ink-soft"> (you)</span>}
              {user.displayName !== user.name && <div className="text-ink-soft text-sm">{user.displayName}</div>}
            </Td>
            <Td className="text-ink-soft">{user.email ?? '-'}</Td>
            <Td>{user.isAdmin ? <Badge tone="info">Administrator</Badge> : <Badge>Member</Badge>}</Td>
            <Td className="whitespace-nowrap text-ink-soft">
              {user.lastSignInAt ? <TimeAgo at={user.lastSignInAt} /> : 'Never'}
            </Td>
            <Td className="text-right">
              <UserActions userId={user.id} name={user.name} isAdmin={user.isAdmin} isSelf={user.name === selfName} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
