/** Whether a switch of the query is on; Python writes `True`. */
export function isTrue(value: string | null): boolean {
  return value !== null && /^(true|1)$/i.test(value)
}
