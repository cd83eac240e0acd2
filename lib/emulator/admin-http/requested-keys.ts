import { type AccessKey, isRight, newKeyText } from '../access-keys'
import { childOf, textOf, textsOf, type XmlNode } from './xml'

/** The keys that a queue's `AuthorizationRules` ask for: undefined without that element, none when it is empty. */
export type RequestedKeys = { keys: AccessKey[] | undefined } | { refused: string }

export function readAuthorizationRules(description: XmlNode): RequestedKeys {
  if (description.AuthorizationRules === undefined) return { keys: undefined }
  // An element without children is read as an empty text.
  if (description.AuthorizationRules === '') return { keys: [] }
  const rules = childOf(description, 'AuthorizationRules')?.AuthorizationRule
  if (rules === undefined) return { refused: 'AuthorizationRules must be a list of AuthorizationRule.' }
  const keys: AccessKey[] = []
  for (const rule of [rules].flat()) {
    const read = readKey(typeof rule === 'string' ? {} : rule)
    if ('refused' in read) return read
    if (keys.some(({ name }) => name === read.name)) {
      return { refused: `AuthorizationRules has two rules with the KeyName '${read.name}'.` }
    }
    keys.push(read)
  }
  return { keys }
}

function readKey(rule: XmlNode): AccessKey | { refused: string } {
  const name = textOf(rule, 'KeyName')
  if (!name) return { refused: 'AuthorizationRules has a rule without a KeyName.' }
  const texts = textsOf(childOf(rule, 'Rights'), 'AccessRights')
  const rights = texts.filter(isRight)
  const wrong = texts.find((text) => !isRight(text))
  if (wrong !== undefined) {
    return {
      refused: `AccessRights of the authorization rule '${name}' has the value '${wrong}', which is not usable.`,
    }
  }
  if (rights.length === 0) return { refused: `The authorization rule '${name}' has no AccessRights.` }
  return {
    name,
    key: textOf(rule, 'PrimaryKey') || newKeyText(),
    secondaryKey: textOf(rule, 'SecondaryKey') || newKeyText(),
    rights,
  }
}
