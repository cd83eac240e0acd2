const MAX_LINE_LENGTH = 4_000
const CREDENTIALS_IN_URL = /(\bhttps?:\/\/)[^/\s:@]+:[^/\s@]+@/g

/** Cuts a stream into lines for a build's log: no passwords of index URLs, no control characters. */
export function lineSplitter(onLine: (line: string) => void): { push: (chunk: Buffer) => void; end: () => void } {
  let rest = ''
  const emit = (line: string) => {
    const text = cleanLine(line)
    if (text) onLine(text)
  }
  return {
    push: (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split(/[\r\n]/)
      rest = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH)
      lines.forEach(emit)
    },
    end: () => {
      emit(rest)
      rest = ''
    },
  }
}

function cleanLine(line: string): string {
  return (
    line
      .replace(CREDENTIALS_IN_URL, '$1***@')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the log
      .replace(/\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f]/g, '')
      .trimEnd()
      .slice(0, MAX_LINE_LENGTH)
  )
}
