/**
 * The author's functions and what they answer: `exports.apply = (input, cb)`, or one that returns a value or a promise;
 * `export default` and `export function apply` too. `load`, if there is one, runs once and its result follows the
 * callback. An apply that names one parameter more gets what is known of the message that caused the call.
 */

const MAX_ERROR_TEXT = 64 * 1024
const MAX_ERROR_TYPE = 256
const MAX_CAUSES = 5
const CAUSED_BY = ', caused by '
const HARNESS_FRAME = /^ +at .*(\/runner\/|node:internal).*\n?/gm

export function findApply(module, file) {
  const exported = module.default
  // `own`: every function has an `apply` that it inherits.
  const own = (key) => (exported && Object.hasOwn(exported, key) ? exported[key] : undefined)
  const apply = module.apply ?? own('apply') ?? exported
  const load = module.load ?? own('load')
  if (typeof apply !== 'function') {
    throw Object.assign(new Error(`${file} exports no function apply.`), { code: 'ERR_NO_APPLY' })
  }
  return { apply, load: async () => (typeof load === 'function' ? load() : undefined) }
}

/** `{ kind, body }` for one request, the body as text or as bytes; what apply throws is an answer too. */
export async function answerTo({ apply }, request, loaded) {
  try {
    return resultAnswer(await call(apply, request, loaded))
  } catch (error) {
    return errorAnswer(error)
  }
}

/** A callback counts once; so does a promise; a plain value counts only where no callback is expected. */
function call(apply, request, loaded) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error ? reject(error) : resolve(result))
    const expectsCallback = apply.length >= (loaded === undefined ? 2 : 3)
    const known = [request.data, ...(expectsCallback ? [callback] : []), ...(loaded === undefined ? [] : [loaded])]
    const returned = apply(...known, ...(apply.length > known.length ? [request.context] : []))
    if (!expectsCallback || typeof returned?.then === 'function') resolve(returned)
  })
}

function resultAnswer(value) {
  if (value instanceof Uint8Array) return { kind: 'binary', body: Buffer.from(value) }
  if (typeof value === 'string') return { kind: 'text', body: value }
  const text = JSON.stringify(value ?? null)
  if (text === undefined) throw new TypeError(`A ${typeof value} can not be a result.`)
  return { kind: 'json', body: text }
}

export function errorAnswer(error, defaultType = 'AlgorithmError') {
  const document = {
    message: causesOf(error)
      .map((cause) => textOf(() => String(cause)))
      .join(CAUSED_BY)
      .slice(0, MAX_ERROR_TEXT),
    stacktrace: causesOf(error)
      .map((cause) => textOf(() => cause instanceof Error && cause.stack).replace(HARNESS_FRAME, ''))
      .filter(Boolean)
      .join('\nCaused by: ')
      .slice(0, MAX_ERROR_TEXT),
    error_type: textOf(() => error?.error_type).slice(0, MAX_ERROR_TYPE) || defaultType,
  }
  return { kind: 'error', body: JSON.stringify(document) }
}

/** What was thrown, what that was caused by, and so on: `fetch` says only there why it failed. */
function causesOf(error) {
  const causes = [error]
  try {
    for (let next = error?.cause; next && causes.length < MAX_CAUSES && !causes.includes(next); next = next.cause) {
      causes.push(next)
    }
  } catch {
    // A cause that can not be read is none.
  }
  return causes
}

/** What is thrown is the author's own: what it says of itself may be no text, or throw in its turn. */
function textOf(read) {
  try {
    const text = read()
    return typeof text === 'string' ? text : ''
  } catch {
    return ''
  }
}
