import { type AccessKey, isRight, newKeyText } from '../access-keys'
import { childOf, childrenOf, textOf, textsOf, type XmlNode } from './xml'

/** The keys that a queue's `AuthorizationRules` ask for: undefined without that element, none when it is empty. */
export function readAuthorizationRules(description: XmlNode): AccessKey[] | undefined {
  // An element without children is read as an empty text.
  if (description.AuthorizationRules === '') return []
  const rules = childOf(description, 'AuthorizationRules')
  return rules && childrenOf(rules, 'AuthorizationRule').map(readKey)
}

function readKey(rule: XmlNode): AccessKey {
  const rights = textsOf(childOf(rule, 'Rights'), 'AccessRights').filter(isRight)
  return {
    name: textOf(rule, 'KeyName') ?? 'unnamed',
    key: textOf(rule, 'PrimaryKey') || newKeyText(),
    secondaryKey: textOf(rule, 'SecondaryKey') || newKeyText(),
    rights,
  }
}
