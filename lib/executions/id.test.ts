import { expect, it } from 'vitest'
import { newExecutionId } from './id'

it('makes UUIDs of version 7 that sort in the order in which they were made', () => {
  const ids = Array.from({ length: 10_000 }, newExecutionId)
  const isVersion7 = (id: string) => /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id)
  expect(ids.filter((id) => !isVersion7(id))).toEqual([])
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})
