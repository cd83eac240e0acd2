import type { Metadata } from 'next'
import { InviteUserButton } from '@/components/accounts/invite-user-button'
import { UserTable } from '@/components/accounts/user-table'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { Pager, type SearchParams } from '@/components/ui/pager'
import { SearchInput } from '@/components/ui/search-input'
import { listUsers, USERS_PER_PAGE } from '@/lib/accounts/queries'
import { UserListParams } from '@/lib/accounts/schema'
import { requireAdminContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Users' }

export default async function UsersPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const ctx = await requireAdminContext()
  const params = UserListParams.parse(await searchParams)
  const { users, total } = await listUsers(ctx, params)
  return (
    <>
      <PageHeader title="Users" actions={<InviteUserButton />} />
      <div className="mb-4">
        <SearchInput />
      </div>
      {total === 0 ? (
        <EmptyState title="No user matches">Change the filter to see other users.</EmptyState>
      ) : (
        <>
          <UserTable users={users} selfName={ctx.actor.name} />
          <Pager
            page={params.page}
            pageSize={USERS_PER_PAGE}
            total={total}
            searchParams={{ q: params.q || undefined }}
          />
        </>
      )}
    </>
  )
}
