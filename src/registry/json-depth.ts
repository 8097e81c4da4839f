const quote = 0x22
const backslash = 0x5c

/** Whether JSON nests deeper than `limit`. Reads on over malformed text: that is the parser's to refuse. */
export function deeperThan(limit: number, json: Uint8Array): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === quote) inString = !inString
    else if (inString) i += byte === backslash ? 1 : 0
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) depth--
    if (depth > limit) return true
  }
  return false
}

/**
 * Whether JSON holds more than `limit` values, members and elements together: many small ones cost the parser twenty
 * times what as many bytes of text cost, and nobody else is served meanwhile.
 */
export function moreValuesThan(limit: number, json: Uint8Array): boolean {
  let separators = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === quote) inString = !inString
    else if (inString) i += byte === backslash ? 1 : 0
    else if ((byte === 0x2c || byte === 0x7b || byte === 0x5b) && ++separators > limit) return true
  }
  return false
}
