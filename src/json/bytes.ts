/** Bytes that mean something in JSON. An enum, whose values the bundler writes in place: constants cost a load each. */
export enum Byte {
  /** What reading behind the last byte gives. */
  End = -1,
  Tab = 0x09,
  LineFeed = 0x0a,
  CarriageReturn = 0x0d,
  Space = 0x20,
  Quote = 0x22,
  Plus = 0x2b,
  Comma = 0x2c,
  Minus = 0x2d,
  Dot = 0x2e,
  Zero = 0x30,
  Nine = 0x39,
  Colon = 0x3a,
  UpperE = 0x45,
  OpenArray = 0x5b,
  Backslash = 0x5c,
  CloseArray = 0x5d,
  LowerA = 0x61,
  LowerE = 0x65,
  LowerF = 0x66,
  LowerN = 0x6e,
  LowerT = 0x74,
  LowerU = 0x75,
  OpenObject = 0x7b,
  CloseObject = 0x7d,
}

export function isDigit(byte: number): boolean {
  return byte >= Byte.Zero && byte <= Byte.Nine
}

export function isHex(byte: number): boolean {
  const lower = byte | Byte.Space
  return isDigit(byte) || (lower >= Byte.LowerA && lower <= Byte.LowerF)
}

/** True for what may follow a backslash in a string, but for `u`. */
export function isEscape(byte: number): boolean {
  return escapes[byte] === 1
}

/** For a sentence: `'}'`, `byte 0xef`, `the end`. */
export function byteName(byte: number): string {
  if (byte === Byte.End) return 'the end'
  if (byte > Byte.Space && byte < 0x7f) return `'${String.fromCharCode(byte)}'`
  return `byte 0x${byte.toString(16).padStart(2, '0')}`
}

const escapes = new Uint8Array(256)
for (const character of '"\\/bfnrt') escapes[character.charCodeAt(0)] = 1
