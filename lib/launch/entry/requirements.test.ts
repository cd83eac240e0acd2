import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asLaunchError, describeFailure, LaunchError } from './launch-error.mjs'
import { parseOptions } from './options.mjs'
import { checkNode, checkPython } from './requirements.mjs'

describe('what the launcher needs', () => {
  it('refuses a Node.js that is too old, and names the one it needs', () => {
    expect(() => checkNode('20.8.1')).toThrow(/needs Node.js 20.9/)
    expect(() => checkNode('18.20.0')).toThrow(LaunchError)
    expect(() => checkNode('20.9.0')).not.toThrow()
    expect(() => checkNode('24.0.0')).not.toThrow()
  })
})

describe('the options', () => {
  let invokedIn: string | undefined
  let folder: string

  beforeEach(() => {
    invokedIn = process.env.INIT_CWD
    folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-options-'))
    process.env.INIT_CWD = folder
  })

  afterEach(() => {
    if (invokedIn === undefined) delete process.env.INIT_CWD
    else process.env.INIT_CWD = invokedIn
    rmSync(folder, { recursive: true, force: true })
  })

  it('are read, paths from where the person typed them', () => {
    const options = parseOptions(['--empty', '--port', '3100', '--broker-port', '5700', '--data', 'here'])
    expect(options).toEqual({
      isEmpty: true,
      port: 3100,
      brokerPort: 5700,
      data: path.join(folder, 'here'),
      isHelp: false,
    })
  })

  it('are refused with words when they are not understood', () => {
    expect(() => parseOptions(['--prot', '3100'])).toThrow(/--prot/)
    expect(() => parseOptions(['--port', '70000'])).toThrow('--port 70000 is not a port.')
    expect(() => parseOptions(['--port', 'x'])).toThrow('--port x is not a port.')
  })
})

describe('a failure', () => {
  it('says what failed, why, and what to type next', () => {
    const text = describeFailure(new LaunchError('A.', 'B\nC', '`D`'), 'Headrace did not start.')
    expect(text).toBe('\nHeadrace did not start.\n\n  A.\n\n  B\n  C\n\n  Next: `D`\n')
  })

  it('recognises a full disk behind any error', () => {
    const error = asLaunchError(new Error("ENOSPC: no space left on device, write '/x'"), 'Migrating failed.', 'z')
    expect(error).toMatchObject({ what: 'Migrating failed.', why: 'The disk is full.' })
  })
})

describe('finding Python', () => {
  it('says what to install when there is none, and what it found when that is too old', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-python-'))
    const program = path.join(folder, 'python3')
    expect(() => checkPython([folder])).toThrow(/no usable Python 3/)
    writeFileSync(program, '#!/bin/sh\necho 3 6\n')
    chmodSync(program, 0o755)
    expect(() => checkPython([folder])).toThrow(`${program} is Python 3.6.`)
    writeFileSync(program, '#!/bin/sh\necho 3 11\n')
    expect(() => checkPython([folder])).not.toThrow()
    rmSync(folder, { recursive: true, force: true })
  })
})
