import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { lineSplitter } from './build-log'
import { readNpmSettings } from './npm-settings'
import { indexEndpoints, parseConfiguration, readPipSettings, withoutCredentials } from './pip-settings'
import { parseRequirements } from './requirements'

describe('requirements', () => {
  it('are the same without comments, blanks and order', () => {
    const one = parseRequirements('# models\nnumpy==2.3.5\n\nrequests>=2 # http\nsix \\\n  ==1.16.0\n')
    expect(one).toEqual({ lines: ['numpy==2.3.5', 'requests>=2', 'six==1.16.0'], needsSource: false })
    expect(parseRequirements('Azure_ServiceBus >= 7.12 , < 8\nuvicorn[Standard] == 0.30').lines).toEqual([
      'azure-servicebus>=7.12,<8',
      'uvicorn[Standard]==0.30',
    ])
    const marked = 'tomli >= 1;  python_version < "3.11"'
    expect(parseRequirements(marked).lines).toEqual(['tomli >= 1; python_version < "3.11"'])
    expect(parseRequirements('requests>=2\r\nnumpy==2.3.5').lines).toEqual(['numpy==2.3.5', 'requests>=2'])
  })

  it.each(['-e .', './lib', '-r more.txt', '--constraint c.txt', 'x @ file:///opt/algorithm/x', '../up'])(
    'that point into the source make the environment private: %s',
    (line) => expect(parseRequirements(line).needsSource).toBe(true),
  )
})

describe('pip’s configuration', () => {
  it('comes from its files, then from its variables', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-pip-'))
    const file = path.join(folder, 'pip.conf')
    await writeFile(file, '[global]\nindex-url = https://me:word@index.example:8443/simple\ncert = /nowhere/ca.pem\n')
    const settings = await readPipSettings({
      PIP_CONFIG_FILE: file,
      PIP_EXTRA_INDEX_URL: 'http://10.0.0.1/a https://b.example/c',
    })
    expect(settings).toMatchObject({ certificates: undefined, findLinks: [] })
    expect([...indexEndpoints(settings)]).toEqual(['index.example:8443', '10.0.0.1:80', 'b.example:443'])
    expect(withoutCredentials(settings.indexUrl)).toBe('https://index.example:8443/simple')
    await rm(folder, { recursive: true })
  })

  it('knows where PyPI keeps its files', async () => {
    const settings = await readPipSettings({ PIP_CONFIG_FILE: '/dev/null' })
    expect([...indexEndpoints(settings)]).toEqual(['pypi.org:443', 'files.pythonhosted.org:443'])
  })

  it('may go on over several lines', () => {
    const text =
      '[list]\nformat=columns\n[install]\n# two\nextra_index_url =\n    https://a.example\n    https://b.example\n; end\n'
    expect([...parseConfiguration(text)]).toEqual([['extra-index-url', 'https://a.example https://b.example']])
  })
})

describe('npm’s configuration', () => {
  it('comes from its files, then from its variables, and brings nothing but registries and their credentials', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-npm-'))
    const file = path.join(folder, 'npmrc')
    const lines = [
      '; of the house',
      'registry = https://npm.example:4873/',
      '@team:registry=http://10.0.0.2/npm',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: npm's own way to name a variable
      '//npm.example:4873/:_authToken=${TOKEN}',
      'script-shell=/bin/evil',
      'cafile="/nowhere/ca.pem"',
    ]
    await writeFile(file, lines.join('\n'))
    const environment = { npm_config_userconfig: file, TOKEN: 'secret', HTTPS_PROXY: 'http://proxy.example:3128' }
    const settings = await readNpmSettings('/nowhere/bin/node', environment)
    expect(settings).toMatchObject({ registry: 'https://npm.example:4873/', certificates: undefined })
    expect([...settings.endpoints].sort()).toEqual(['10.0.0.2:80', 'npm.example:4873'])
    expect(settings.lines).toContain('//npm.example:4873/:_authToken=secret')
    expect(settings.lines.join()).not.toContain('script-shell')
    expect(settings.proxy).toBeDefined()
    const chosen = { ...environment, npm_config_registry: 'https://other.example/' }
    expect((await readNpmSettings('/nowhere/bin/node', chosen)).registry).toBe('https://other.example/')
    await rm(folder, { recursive: true })
  })
})

it('a build’s log has whole lines, without colours and passwords', () => {
  const lines: string[] = []
  const splitter = lineSplitter((line) => lines.push(line))
  splitter.push(Buffer.from('Looking in indexes: https://me:word@index.example/simple\n\x1b[31mred\x1b[0m\nhalf'))
  splitter.push(Buffer.from(' a line\rnext'))
  splitter.end()
  expect(lines).toEqual(['Looking in indexes: https://***@index.example/simple', 'red', 'half a line', 'next'])
})
