export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const COLON = 0x3a
export const SEMICOLON = 0x3b

/** 1 for what a header name may hold (RFC 9110, `token`). */
export const isToken = table((code) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)))

/** 1 for what a header value or a reason may hold: no control character but the tab. */
export const isText = table((code) => code === TAB || (code >= SPACE && code !== 0x7f))

function table(holds: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (holds(code) ? 1 : 0))
}
