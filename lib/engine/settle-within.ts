/** Waits until `work` has ended either way, or for `limitMs` at most. Never rejects. */
export async function settleWithin(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([work.then(ignore, ignore), limit])
  clearTimeout(timer)
}

const ignore = () => {}
