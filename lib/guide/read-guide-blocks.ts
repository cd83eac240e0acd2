import { readFile } from 'node:fs/promises'

/** The code of the guide, by the name that stands in a comment above each block: `<!-- code: NAME -->`. */
export type GuideBlocks = { block(name: string): string }

const BLOCK = /<!-- code: (\S+) -->\s*```\w*\n([\s\S]*?)\n```/g

/** Reads the blocks of a page, with the placeholders replaced as its reader would. */
export async function readGuideBlocks(file: string, values: Record<string, string>): Promise<GuideBlocks> {
  const text = await readFile(file, 'utf8')
  const blocks = new Map([...text.matchAll(BLOCK)].map(([, name = '', code = '']) => [name, `${code}\n`]))
  return {
    block: (name) => {
      const code = blocks.get(name)
      if (code === undefined) throw new Error(`${file} has no block ${name}`)
      return Object.entries(values).reduce((filled, [word, value]) => filled.replaceAll(word, value), code)
    },
  }
}
