import { describe, expect, it } from 'vitest'
import { LASTING_BACKLOG_MS, MAX_START_PATIENCE_MS, UNMEASURED_START_MS } from '../limits'
import { type Demand, StartForecast } from './start-forecast'

const ENOUGH = 2
const START_MS = 80
/** Many calls that came just now, and as many workers as processors. */
const BURST: Demand = { queued: 62, waitedMs: 0, backlogMs: 0, ready: ENOUGH, starting: 0 }

function forecastOf(callsMs: number[], idleShare?: number): StartForecast {
  const forecast = new StartForecast({ take: () => idleShare }, ENOUGH)
  forecast.noteStart(START_MS)
  for (const ms of callsMs) forecast.noteCall(ms)
  return forecast
}

function repeat(times: number, ms: number): number[] {
  return Array.from({ length: times }, () => ms)
}

describe('a further worker', () => {
  it('is not started for a burst of quick calls that will be over before it is ready', () => {
    expect(forecastOf(repeat(9, 0.5)).patienceMs(BURST)).toBe(START_MS)
  })

  it('is started at once when nothing is known of the calls yet', () => {
    expect(forecastOf([]).patienceMs(BURST)).toBe(0)
  })

  it('is started at once when the calls that wait will take longer than its start', () => {
    const forecast = forecastOf(repeat(9, 10))
    expect(forecast.patienceMs({ ...BURST, queued: 15 })).toBeGreaterThan(0)
    expect(forecast.patienceMs({ ...BURST, queued: 17 })).toBe(0)
  })

  it('is started at once while there are fewer than processors, those that start included', () => {
    const forecast = forecastOf(repeat(9, 0.5))
    expect(forecast.patienceMs({ ...BURST, ready: 1 })).toBe(0)
    expect(forecast.patienceMs({ ...BURST, ready: 1, starting: 1 })).toBeGreaterThan(0)
    expect(forecast.patienceMs({ ...BURST, ready: 0, starting: 2 })).toBe(0)
  })

  it('is waited for no longer than its start takes: calls may have become slow', () => {
    const forecast = forecastOf(repeat(9, 0.5))
    expect(forecast.patienceMs({ ...BURST, queued: 1, waitedMs: 50 })).toBe(START_MS - 50)
    expect(forecast.patienceMs({ ...BURST, queued: 1, waitedMs: START_MS })).toBe(0)
    forecast.noteStart(60_000)
    expect(forecast.patienceMs({ ...BURST, queued: 1 })).toBe(MAX_START_PATIENCE_MS)
  })

  it('is expected to take a usual time until a start was measured', () => {
    const forecast = new StartForecast({ take: () => undefined }, ENOUGH)
    forecast.noteCall(0.5)
    expect(forecast.patienceMs(BURST)).toBe(UNMEASURED_START_MS)
  })
})

describe('what calls take', () => {
  it('follows slow ones within five, and quick ones again', () => {
    const forecast = forecastOf([...repeat(1_000, 0.5), ...repeat(5, 30)])
    expect(forecast.patienceMs(BURST)).toBe(0)
    for (const ms of repeat(5, 0.5)) forecast.noteCall(ms)
    expect(forecast.patienceMs(BURST)).toBeGreaterThan(0)
  })

  it('is not judged by a few that the machine held up', () => {
    expect(forecastOf([...repeat(5, 0.5), ...repeat(4, 300)]).patienceMs(BURST)).toBeGreaterThan(0)
  })
})

describe('a backlog that lasts although calls are quick', () => {
  const lasting = { ...BURST, backlogMs: LASTING_BACKLOG_MS + 1 }

  it('gets a further worker when processors have little to do: calls wait for something else', () => {
    expect(forecastOf(repeat(9, 1), 0.8).patienceMs(lasting)).toBe(0)
    expect(forecastOf(repeat(9, 1), 0.8).patienceMs(BURST)).toBeGreaterThan(0)
  })

  it('gets none when processors are at work, or nobody knows', () => {
    expect(forecastOf(repeat(9, 1), 0.2).patienceMs(lasting)).toBeGreaterThan(0)
    expect(forecastOf(repeat(9, 1)).patienceMs(lasting)).toBeGreaterThan(0)
  })
})
