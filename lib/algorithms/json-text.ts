// Apart from the schemas, so that a page that only checks JSON does not load zod for it.

/** Whether text is JSON; the console and the sample editor say so before they ask the server. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export const NOT_JSON = 'This is not JSON. Put quotes around a string, say "Jane"; names in objects need quotes too.'
