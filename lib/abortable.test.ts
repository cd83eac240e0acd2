import { expect, test } from 'vitest'
import { type Abortable, Ending, orAborted, sleepUnlessAborted } from './abortable'

test('an ending calls its listeners once, in their order, and keeps its first reason', () => {
  const ending = new Ending()
  const heard: string[] = []
  const forgotten = () => heard.push('forgotten')
  ending.addEventListener('abort', () => heard.push(`first ${ending.reason}`))
  ending.addEventListener('abort', forgotten)
  ending.addEventListener('abort', () => heard.push('second'))
  ending.removeEventListener('abort', forgotten)
  expect(ending.aborted).toBe(false)
  ending.abort('why')
  ending.abort('again')
  ending.addEventListener('abort', () => heard.push('late'))
  expect(heard).toEqual(['first why', 'second'])
  expect(ending.aborted).toBe(true)
  expect(ending.reason).toBe('why')
})

test.each<[string, () => { signal: Abortable; abort(reason: unknown): void }]>([
  ['an ending', () => withEnding(new Ending())],
  ['a signal of Node', () => withController(new AbortController())],
])('%s ends the waiting for work, not the work', async (_, make) => {
  const { signal, abort } = make()
  expect(await orAborted(Promise.resolve(1), signal)).toBe(1)
  await expect(orAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed')
  let finish = (_: number) => {}
  const work = new Promise<number>((resolve) => {
    finish = resolve
  })
  const waiting = orAborted(work, signal)
  abort('enough')
  await expect(waiting).rejects.toBe('enough')
  finish(2)
  expect(await work).toBe(2)
  await expect(orAborted(Promise.resolve(3), signal)).rejects.toBe('enough')
  // Work that fails when nobody waits any more is no unhandled rejection.
  await expect(orAborted(Promise.reject(new Error('late')), signal)).rejects.toBe('enough')
})

test('a sleep is over with its time, or with its signal', async () => {
  const ending = new Ending()
  const began = performance.now()
  await sleepUnlessAborted(20, ending)
  expect(performance.now() - began).toBeGreaterThan(15)
  const long = sleepUnlessAborted(60_000, ending)
  ending.abort()
  await long
  await sleepUnlessAborted(60_000, ending)
  expect(performance.now() - began).toBeLessThan(10_000)
})

function withEnding(ending: Ending) {
  return { signal: ending, abort: (reason: unknown) => ending.abort(reason) }
}

function withController(controller: AbortController) {
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) }
}
