import { describe, expect, it } from 'vitest'
import { type StateChange, StateHolder } from './consumer-state'

function watchedState() {
  const changes: StateChange[] = []
  return { state: new StateHolder((change) => changes.push(change)), changes }
}

describe('StateHolder', () => {
  it('tells of each change, and not of none', () => {
    const { state, changes } = watchedState()
    state.enter('starting', 'Connects.')
    state.enter('receiving', 'Receives.')
    state.enter('receiving', 'Receives.')
    state.enter('receiving', 'Receives another version.')
    expect(changes.map((change) => change.reason)).toEqual(['Connects.', 'Receives.', 'Receives another version.'])
  })

  it('keeps the time of the state when only its reason changes', () => {
    const { state, changes } = watchedState()
    state.enter('starting', 'Connects.')
    state.enter('reconnecting', 'Refused.')
    state.enter('reconnecting', 'No answer.')
    expect(changes[2]?.changedAt).toEqual(changes[1]?.changedAt)
  })

  it('refuses what can not follow', () => {
    const { state } = watchedState()
    expect(() => state.enter('receiving', '')).toThrow('a stopped consumer can not become receiving')
    state.enter('starting', '')
    state.enter('draining', '')
    expect(() => state.enter('receiving', '')).toThrow('a draining consumer can not become receiving')
    state.enter('stopped', '')
    expect(state.state).toBe('stopped')
  })
})
