import { describe, expect, it } from 'vitest'
import { figure, formatTable } from './report'
import { measureInTurn, quantile } from './rounds'

describe('a figure', () => {
  it('is judged by its value, its ratio to the baseline, or its distance from it', () => {
    expect(figure('start', 'ms', 120, 60, { atMost: 300 })).toMatchObject({ ratio: 2, goal: '≤ 300', met: true })
    expect(figure('rate', '/s', 400, 1000, { of: 'ratio', atLeast: 0.5 })).toMatchObject({ ratio: 0.4, met: false })
    expect(figure('p50', 'ms', 9, 2, { of: 'difference', atMost: 6 })).toMatchObject({ met: false })
    expect(figure('p50', 'ms', 8, 2, { of: 'difference', atMost: 6 })).toMatchObject({ met: true })
  })

  it('that could not be measured meets no goal, and without a goal is not judged', () => {
    expect(figure('CPU', '%', Number.NaN, undefined, { atMost: 1 }).met).toBe(false)
    expect(figure('CPU', '%', 5)).toMatchObject({ goal: null, met: null, baseline: null, ratio: null })
  })

  it('that misses its goal is shown as missed', () => {
    const table = formatTable([figure('rate', '/s', 400, 1000, { atLeast: 500 }), figure('p50', 'ms', 1)])
    expect(table.split('\n')[2]).toMatch(/rate\s+400 \/s\s+1000\s+0\.40\s+≥ 500\s+MISSED$/)
    expect(table.split('\n')[3]).toMatch(/p50\s+1 ms$/)
  })
})

describe('measuring', () => {
  it('takes baseline and subject in turn and hands back their medians', async () => {
    const order: string[] = []
    const measure = (name: string, values: number[]) => async () => {
      order.push(name)
      return { value: values.shift() ?? Number.NaN }
    }
    const medians = await measureInTurn(3, measure('baseline', [5, 1, 3]), measure('subject', [10, 90, 20]))
    expect(order).toEqual(['baseline', 'subject', 'baseline', 'subject', 'baseline', 'subject'])
    expect(medians).toEqual([{ value: 3 }, { value: 20 }])
  })

  it('knows the value that a share of all does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect([quantile(values, 0.5), quantile(values, 0.99)]).toEqual([51, 100])
  })
})
