import type { ReactNode } from 'react'
import { requireAdminContext } from '@/lib/web/session'

/** Every page below is for administrators; to others it is not there. */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  await requireAdminContext()
  return children
}
