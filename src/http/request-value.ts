import { headerValue } from './header-list.js'

/** The first header (of a lower-case name), cookie or query parameter of that name in a request. */
export function requestValue(
  kind: 'header' | 'cookie' | 'query',
  name: string,
  headers: readonly string[],
  target: string,
): string | undefined {
  if (kind === 'header') return headerValue(headers, name)
  return kind === 'cookie' ? cookieValue(headers, name) : queryValue(target, name)
}

/** As it stands there, without quotes. */
function cookieValue(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.length !== 6 || headers[i]?.toLowerCase() !== 'cookie') continue
    // Cookie headers that became one of a call's metadata are joined with a comma.
    for (const pair of (headers[i + 1] ?? '').split(/[;,]/)) {
      const equals = pair.indexOf('=')
      if (equals > 0 && pair.slice(0, equals).trim() === name) return unquoted(pair.slice(equals + 1).trim())
    }
  }
  return undefined
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}

function queryValue(target: string, name: string): string | undefined {
  const question = target.indexOf('?')
  if (question < 0) return undefined
  return new URLSearchParams(target.slice(question + 1)).get(name) ?? undefined
}
