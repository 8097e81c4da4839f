import fc from 'fast-check'

/** Random JSON texts, with every spelling that the grammar allows: spaces, escapes, long numbers, repeated keys. */
export function jsonText(): fc.Arbitrary<string> {
  const space = fc.constantFrom('', '', '', ' ', '\n', '\t ', '\r\n')
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 30 })
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(
        fc.constant('0'),
        digits.map((text) => `7${text}`),
      ),
      fc.oneof(
        fc.constant(''),
        digits.map((text) => `.${text}`),
      ),
      fc.oneof(fc.constant(''), fc.constantFrom('e1', 'E-20', 'e+300', 'E9999')),
    )
    .map((parts) => parts.join(''))
  const character = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).map((one) => JSON.stringify(one).slice(1, -1)),
    fc.constantFrom('\\/', '\\u0041', '\\uD83D\\ude00', '\\ud800', '\\n', '漢', '\u2028', '\u007f'),
  )
  const string = fc.array(character, { maxLength: 8 }).map((list) => `"${list.join('')}"`)
  const key = fc.oneof(string, fc.constantFrom('"__proto__"', '"constructor"', '"error"', '"result"', '"id"'))
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom('null', 'true', 'false'),
      number,
      string,
      fc.array(tie('value'), { maxLength: 4 }).chain((list) => joined('[', list, ']', space)),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).chain((list) =>
        joined(
          '{',
          list.map(([name, one]) => `${name}:${one}`),
          '}',
          space,
        ),
      ),
    ),
  }))
  return fc.tuple(space, value, space).map((parts) => parts.join(''))
}

function joined(open: string, list: string[], close: string, space: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(space, space).map(([before, after]) => {
    return `${open}${before}${list.join(`${after},${before}`)}${after}${close}`
  })
}
