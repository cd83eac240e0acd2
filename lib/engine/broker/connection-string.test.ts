import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { namespaceHostOf, parseConnectionString } from './connection-string'

const KEY = 'c2VjcmV0LWtleS1vZi10ZXN0cw=='
const REAL = `Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=${KEY}`

describe('parseConnectionString', () => {
  it('reads what the portal offers', () => {
    expect(parseConnectionString(REAL)).toEqual({
      host: 'contoso.servicebus.windows.net',
      keyName: 'RootManageSharedAccessKey',
      isEmulator: false,
    })
  })

  it('reads a port, the emulator flag, a queue, spaces and a last semicolon', () => {
    const text = ` Endpoint=sb://127.0.0.1:5673 ; SharedAccessKeyName=k;SharedAccessKey=${KEY};EntityPath=orders;UseDevelopmentEmulator=true; `
    const facts = parseConnectionString(text)
    expect(facts).toEqual({ host: '127.0.0.1', port: 5673, keyName: 'k', entityPath: 'orders', isEmulator: true })
    expect(namespaceHostOf(facts)).toBe('127.0.0.1:5673')
  })

  it('reads a shared access signature', () => {
    const signature = 'SharedAccessSignature sr=sb%3A%2F%2Fcontoso&sig=abc%3D&se=1900000000&skn=listen%20only'
    expect(parseConnectionString(`Endpoint=sb://contoso/;SharedAccessSignature=${signature}`).keyName).toBe(
      'listen only',
    )
  })

  it.each([
    ['nothing', '  ', 'Paste the connection string'],
    ['no endpoint', `SharedAccessKeyName=k;SharedAccessKey=${KEY}`, 'The part Endpoint=sb://… is missing.'],
    ['another protocol', REAL.replace('sb://', 'https://'), 'Endpoint must look like'],
    ['a port out of range', REAL.replace('.net/', '.net:70000/'), 'between 1 and 65535'],
    [
      'no key name',
      REAL.replace('SharedAccessKeyName=RootManageSharedAccessKey;', ''),
      'SharedAccessKeyName=… is missing',
    ],
    ['no key', REAL.replace(/;SharedAccessKey=.*/, ''), 'SharedAccessKey=… is missing'],
    ['wrong capitals', REAL.replace('Endpoint', 'endpoint'), 'Write Endpoint with exactly these capitals.'],
    ['an unknown part', `${REAL};Color=red`, 'a part named Color'],
    ['a part twice', `${REAL};SharedAccessKey=${KEY}`, 'SharedAccessKey is there twice.'],
    ['a flag that the client ignores', `${REAL};UseDevelopmentEmulator=True`, 'must be exactly true'],
    [
      'a key that lost its name',
      `Endpoint=sb://contoso/;${KEY.replaceAll('=', '')}`,
      'has no name before its equals sign',
    ],
    [
      'a key name that can not be decoded',
      'Endpoint=sb://contoso/;SharedAccessSignature=SharedAccessSignature sr=x&skn=100%',
      'skn=…',
    ],
    ['half a signature', 'Endpoint=sb://contoso/;SharedAccessSignature=sr=x', 'must be a whole token'],
  ])('says what is wrong with %s, and never the key', (_, text, message) => {
    const error = faultOf(text)
    expect(error).toMatchObject({
      code: 'invalid_input',
      fields: { connectionString: expect.stringContaining(message) },
    })
    expect(error.message).not.toContain(KEY.replaceAll('=', ''))
  })
})

function faultOf(text: string): AppError {
  try {
    parseConnectionString(text)
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error('the connection string was accepted')
}
