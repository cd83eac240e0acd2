/**
 * How many of `flowCount` flows the engine `me` is to have. Every engine computes the same from the same facts: the
 * shares differ by one at most and together are all flows; what is left over goes to the first ids, those of the oldest
 * engines, so that it does not move when another one starts. Zero when `me` is not among the engines.
 */
export function quotaOf(me: string, engineIds: readonly string[], flowCount: number): number {
  const place = engineIds.toSorted().indexOf(me)
  if (place === -1) return 0
  const each = Math.floor(flowCount / engineIds.length)
  return place < flowCount % engineIds.length ? each + 1 : each
}
