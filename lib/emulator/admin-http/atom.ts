import type { Entity } from '../entity'
import { describeQueue, isoDate } from './queue-description'
import { ATOM_NAMESPACE, escapeXml, SERVICE_BUS_NAMESPACE, textElement } from './xml'

/** The clients take a queue's name from `<id>`. `base` is `https://host:port`. */
export function queueEntry(base: string, entity: Entity): string {
  const url = escapeXml(`${base}/${entity.name}`)
  return (
    `<entry xmlns="${ATOM_NAMESPACE}"><id>${url}</id><title type="text">${escapeXml(entity.name)}</title>` +
    `<published>${isoDate(entity.createdAtMs)}</published><updated>${isoDate(entity.updatedAtMs)}</updated>` +
    `<link rel="self" href="${url}"/><content type="application/xml">${describeQueue(entity)}</content></entry>`
  )
}

/** `next` is the URL of the following page. */
export function queueFeed(base: string, entities: Entity[], next: string | undefined, nowMs: number): string {
  const url = escapeXml(`${base}/$Resources/queues`)
  const nextLink = next ? `<link rel="next" href="${escapeXml(next)}"/>` : ''
  return (
    `<feed xmlns="${ATOM_NAMESPACE}"><title type="text">Queues</title><id>${url}</id>` +
    `<updated>${isoDate(nowMs)}</updated><link rel="self" href="${url}"/>${nextLink}` +
    `${entities.map((entity) => queueEntry(base, entity)).join('')}</feed>`
  )
}

/** What the service answers for a queue that does not exist: 200 and nothing inside. */
export function emptyFeed(url: string, nowMs: number): string {
  return (
    `<feed xmlns="${ATOM_NAMESPACE}"><title type="text">Publicly Listed Services</title>` +
    `<id>${escapeXml(url)}</id><updated>${isoDate(nowMs)}</updated></feed>`
  )
}

export function namespaceEntry(base: string, name: string, createdAtMs: number): string {
  const date = isoDate(createdAtMs)
  const elements = [
    textElement('CreatedTime', date),
    textElement('MessagingSKU', 'Standard'),
    textElement('ModifiedTime', date),
    textElement('Name', name),
    textElement('NamespaceType', 'Messaging'),
  ]
  return (
    `<entry xmlns="${ATOM_NAMESPACE}"><id>${escapeXml(base)}/$namespaceinfo</id><title type="text">${escapeXml(name)}</title>` +
    `<updated>${date}</updated><content type="application/xml">` +
    `<NamespaceInfo xmlns="${SERVICE_BUS_NAMESPACE}">${elements.join('')}</NamespaceInfo></content></entry>`
  )
}

export function errorDocument(status: number, detail: string): string {
  return `<Error>${textElement('Code', status)}${textElement('Detail', detail)}</Error>`
}
