import type { Language } from '@/lib/generated/prisma/enums'
import type { SourceChange } from './commit'

export const MAX_TEMPLATE_FILES = 10

/** The files of a new algorithm: a hello world that builds and answers `hello <input>` untouched. */
export function templateFiles(language: Language, owner: string, name: string): SourceChange[] {
  const manifest = `${JSON.stringify({ username: owner, algoname: name, language: MANIFEST_LANGUAGE[language] }, null, 2)}\n`
  const files = language === 'python' ? pythonFiles(name) : nodeFiles(name)
  return [...files, { path: 'algorithmia.conf', text: manifest }]
}

/** The file that the editor opens first. */
export function mainFile(language: Language, name: string): string {
  return language === 'python' ? `src/${name}.py` : `src/${name}.js`
}

/** The file behind the DEPENDENCIES button, and where its packages come from. */
export const DEPENDENCY_FILES = {
  python: { path: 'requirements.txt', registry: 'PyPI', registryUrl: 'https://pypi.org' },
  node: { path: 'package.json', registry: 'npm', registryUrl: 'https://www.npmjs.com' },
} as const

const MANIFEST_LANGUAGE: Record<Language, string> = { python: 'python3', node: 'javascript' }

function pythonFiles(name: string): SourceChange[] {
  const main = `import Algorithmia
from Algorithmia import ADK


# API calls will begin at the apply() method, with the request body passed as 'input'
def apply(input):
    return "hello {}".format(input)


algorithm = ADK(apply)
algorithm.init("Algorithmia")
`
  const test = `from . import ${name}


def test_${name}():
    assert ${name}.apply("Jane") == "hello Jane"
`
  const requirements = `# Packages from PyPI, one a line, say: azure-servicebus>=7.12,<8
# The Algorithmia client and its ADK are built in; nothing needs to be named for them.
`
  return [
    { path: `src/${name}.py`, text: main },
    { path: `src/${name}_test.py`, text: test },
    { path: 'src/__init__.py', text: '' },
    { path: 'requirements.txt', text: requirements },
  ]
}

function nodeFiles(name: string): SourceChange[] {
  const main = `// API calls will begin at the apply() function, with the request body passed as 'input'
exports.apply = async function apply(input) {
  return \`hello \${input}\`
}
`
  const manifest = {
    name: name.toLowerCase(),
    version: '0.0.0',
    private: true,
    main: `src/${name}.js`,
    dependencies: {},
  }
  return [
    { path: `src/${name}.js`, text: main },
    { path: 'package.json', text: `${JSON.stringify(manifest, null, 2)}\n` },
  ]
}
