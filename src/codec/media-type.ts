/** The media type without its parameters, in lower case; `''` for none. */
export function mediaType(contentType: string | undefined): string {
  if (contentType === undefined || contentType === 'application/json') return contentType ?? ''
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

/** Of a media type as `mediaType` gives it. */
export function isJson(type: string): boolean {
  return type === 'application/json'
}

/** Raw protobuf bytes, under either of the names that callers use. */
export function isProtobuf(type: string): boolean {
  return type === 'application/protobuf' || type === 'application/proto'
}
