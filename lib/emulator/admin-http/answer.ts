import { errorDocument } from './atom'

/** Of the sentence in an error, which may quote the request. */
const MAX_DETAIL_CHARACTERS = 500

export type HttpAnswer = { status: number; contentType: string; body: string }

export function entryAnswer(status: number, body: string): HttpAnswer {
  return { status, contentType: 'application/atom+xml;type=entry;charset=utf-8', body }
}

export function feedAnswer(body: string): HttpAnswer {
  return { status: 200, contentType: 'application/atom+xml;type=feed;charset=utf-8', body }
}

export function jsonAnswer(status: number, value: unknown): HttpAnswer {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` }
}

export function errorAnswer(status: number, detail: string): HttpAnswer {
  return { status, contentType: 'application/xml; charset=utf-8', body: errorDocument(status, shorten(detail)) }
}

function shorten(detail: string): string {
  return detail.length > MAX_DETAIL_CHARACTERS ? `${detail.slice(0, MAX_DETAIL_CHARACTERS)}…` : detail
}
