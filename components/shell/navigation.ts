import { BookOpen, Circle, House, LayoutGrid, type LucideIcon, Workflow } from 'lucide-react'

export type NavItem = { href: string; label: string; icon: LucideIcon; isAway?: boolean }

/** The side navigation, from top to bottom. */
export const mainItems: NavItem[] = [
  { href: '/', label: 'Home', icon: House },
  { href: '/algorithms', label: 'Algorithms', icon: Circle },
  { href: '/data', label: 'Data Sources', icon: LayoutGrid },
  { href: '/event-flows', label: 'Event Flows', icon: Workflow },
  { href: '/docs', label: 'Docs', icon: BookOpen, isAway: true },
]

/** Below Admin, for administrators only. */
export const adminGroups: { title: string; items: { href: string; label: string }[] }[] = [
  { title: 'System health', items: [{ href: '/admin', label: 'Dashboard' }] },
  {
    title: 'Configuration',
    items: [
      { href: '/admin/environments', label: 'Environments' },
      { href: '/admin/settings', label: 'Settings' },
    ],
  },
  { title: 'User management', items: [{ href: '/admin/users', label: 'Users' }] },
]

/** What `Create New` offers. */
export const createItems = [
  { href: '/algorithms/new', label: 'Algorithm' },
  { href: '/data?new=collection', label: 'Data Collection' },
  { href: '/account/api-keys/new', label: 'API Key' },
]

/** Whether the page at `path` belongs to the item at `href`. */
export function isCurrentItem(href: string, path: string): boolean {
  if (href === '/' || href === '/admin') return path === href
  return path === href || path.startsWith(`${href}/`)
}
