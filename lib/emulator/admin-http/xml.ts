import { XMLParser } from 'fast-xml-parser'

export const ATOM_NAMESPACE = 'http://www.w3.org/2005/Atom'
export const SERVICE_BUS_NAMESPACE = 'http://schemas.microsoft.com/netservices/2010/10/servicebus/connect'
export const INSTANCE_NAMESPACE = 'http://www.w3.org/2001/XMLSchema-instance'

const ESCAPES: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' }

export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => ESCAPES[character] as string)
}

/** An element whose content is text. */
export function textElement(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`
}

/** In these blanks are part of the text. */
const VERBATIM = ['UserMetadata']

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  tagValueProcessor: (name, text) => (VERBATIM.includes(name) ? text : text.trim()),
})

export type XmlNode = { [name: string]: XmlNode | XmlNode[] | string | undefined }

/** Parses a document to nested records; repeated elements become arrays. Throws on malformed XML. */
export function parseXml(text: string): XmlNode {
  return parser.parse(text, true) as XmlNode
}

export function childOf(node: XmlNode | undefined, name: string): XmlNode | undefined {
  const child = node?.[name]
  return typeof child === 'object' && !Array.isArray(child) ? child : undefined
}

/** The texts of all elements with this name. */
export function textsOf(node: XmlNode | undefined, name: string): string[] {
  const child: unknown = node?.[name]
  const list = Array.isArray(child) ? child : [child]
  return list.filter((item): item is string => typeof item === 'string')
}

export function textOf(node: XmlNode | undefined, name: string): string | undefined {
  return textsOf(node, name)[0]
}
