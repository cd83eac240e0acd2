import { LinkTabs, type TabItem } from '@/components/ui/link-tabs'

type Props = { endpoint: string; canEdit: boolean; canReadSource: boolean }

/** The tabs of a profile; others than the owner see what concerns them. */
export function ProfileTabs({ endpoint, canEdit, canReadSource }: Props) {
  const base = `/algorithms/${endpoint}`
  const items: (TabItem | false)[] = [
    { href: base, label: 'Overview', isExact: true },
    canEdit && { href: `${base}/builds`, label: 'Builds' },
    { href: `${base}/versions`, label: 'Versions' },
    canEdit && { href: `${base}/events`, label: 'Events' },
    canEdit && { href: `${base}/settings`, label: 'Settings' },
    canReadSource && { href: `${base}/source`, label: 'Source Code', isAway: true },
  ]
  return <LinkTabs label="Algorithm" items={items.filter((item) => item !== false)} />
}
