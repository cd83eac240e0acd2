/** Where the console shows hosted data. Pure, so pages and browsers share it. */

export const DATA_SOURCES_HREF = '/data'

export function ownerHref(owner: string): string {
  return `${DATA_SOURCES_HREF}/${encodeURIComponent(owner)}`
}

export function collectionHref(owner: string, collection: string): string {
  return `${ownerHref(owner)}/${encodeURIComponent(collection)}`
}

/** Where a file is downloaded (GET) and uploaded (PUT). */
export function fileHref(owner: string, collection: string, file: string): string {
  return `${collectionHref(owner, collection)}/files/${encodeURIComponent(file)}`
}
