import type { ReadAccess } from '@/lib/generated/prisma/enums'

/** Words for who may read a collection, as menus and pages show them. */
export const READ_ACCESS_LABELS: Record<ReadAccess, string> = {
  private: 'Private',
  my_algorithms: 'My Algorithms',
  public: 'Public',
}

/** Who reads, below the label. */
export const READ_ACCESS_HINTS: Record<ReadAccess, string> = {
  private: 'Only you, and algorithms that you call',
  my_algorithms: 'You, and your algorithms whoever calls them',
  public: 'Everybody who is signed in or has an API key',
}
