import { SkeletonRows } from '@/components/ui/skeleton'

export default function Loading() {
  return <SkeletonRows count={5} label="Loading hosted data" />
}
