import { describe, expect, it } from 'vitest'
import { type Part, startParts } from './parts'

/** Parts that write down what happens to them. */
function diary() {
  const events: string[] = []
  const part = (name: string, fails?: 'to start' | 'to stop'): Part => ({
    name,
    start: async () => {
      if (fails === 'to start') throw new Error(`${name} does not start`)
      events.push(`${name} starts`)
      return async () => {
        events.push(`${name} stops`)
        if (fails === 'to stop') throw new Error(`${name} does not stop`)
      }
    },
  })
  return { events, part }
}

const never = new AbortController().signal

describe('startParts', () => {
  it('starts in order and stops in reverse, once', async () => {
    const { events, part } = diary()
    const running = await startParts([part('database'), part('engine')], never)
    await Promise.all([running.stop(), running.stop()])
    expect(events).toEqual(['database starts', 'engine starts', 'engine stops', 'database stops'])
  })

  it('stops what it had started when a part does not start', async () => {
    const { events, part } = diary()
    const starting = startParts([part('database'), part('runtime', 'to start'), part('engine')], never)
    await expect(starting).rejects.toThrow('runtime does not start')
    expect(events).toEqual(['database starts', 'database stops'])
  })

  it('stops the others when a part does not stop cleanly', async () => {
    const { events, part } = diary()
    const running = await startParts([part('database'), part('engine', 'to stop')], never)
    await running.stop()
    expect(events).toEqual(['database starts', 'engine starts', 'engine stops', 'database stops'])
  })

  it('can be stopped in mid-start', async () => {
    const { events, part } = diary()
    const stop = new AbortController()
    const slow: Part = {
      name: 'runtime',
      start: async () => {
        stop.abort(new Error('stopped'))
        return part('runtime').start()
      },
    }
    await expect(startParts([part('database'), slow, part('engine')], stop.signal)).rejects.toThrow('stopped')
    expect(events).toEqual(['database starts', 'runtime starts', 'runtime stops', 'database stops'])
  })
})
