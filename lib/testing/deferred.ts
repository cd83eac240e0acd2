/** A promise with its ends outside, for tests that decide when something finishes. */
export function deferred<Value = void>() {
  let resolve!: (value: Value) => void
  const promise = new Promise<Value>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}
