const KEPT_SECONDS = 16

/** Texts of seconds that were asked for before, each at a place of its own. */
const seconds = new Array<number>(KEPT_SECONDS).fill(Number.NaN)
const texts = new Array<string>(KEPT_SECONDS).fill('')

/** What `at.toISOString()` says. Times of a few seconds come over and over: of each second the text is made once. */
export function isoTime(at: Date): string {
  const ms = at.getTime()
  const second = Math.floor(ms / 1_000)
  const place = second & (KEPT_SECONDS - 1)
  if (seconds[place] !== second) {
    texts[place] = at.toISOString().slice(0, -'123Z'.length)
    seconds[place] = second
  }
  const rest = ms - second * 1_000
  return `${texts[place]}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`
}
