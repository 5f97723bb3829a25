import { parseAutomergeUrl, stringifyAutomergeUrl } from '@automerge/automerge-repo';

/** The document id of a work order: the same sixteen bytes in automerge-repo's spelling. */
export function documentId(uuid) {
  const bytes = new Uint8Array(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
  return parseAutomergeUrl(stringifyAutomergeUrl({ documentId: bytes })).documentId;
}
