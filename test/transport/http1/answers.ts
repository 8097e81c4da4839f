import fc from 'fast-check'

export interface RandomAnswer {
  readonly text: string
  readonly isHead: boolean
}

const TOKEN = "!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz"
const TEXT = ` \t!"#$%&'()*+,-./:;<=>?@[]{}~09AZaz\x80\xa0\xe9\xff`

const characters = (set: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...set), minLength, maxLength })

const name = characters(TOKEN, 1, 20).filter(
  (each) => !/^(content-length|transfer-encoding|connection|upgrade)$/i.test(each),
)
const field = fc
  .tuple(name, fc.constantFrom('', ' ', '\t', '  '), characters(TEXT, 0, 40), fc.constantFrom('', ' ', '\t'))
  .map(([key, before, value, behind]) => `${key}:${before}${value}${behind}\r\n`)
const fields = fc.array(field, { maxLength: 12 }).map((lines) => lines.join(''))
const body = fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text).toString('latin1'))
const informational = fc
  .tuple(fc.constantFrom(100, 102, 103, 199), fields)
  .map(([status, lines]) => `HTTP/1.1 ${status} x\r\n${lines}\r\n`)
const start = fc
  .tuple(fc.integer({ min: 200, max: 599 }), characters(TEXT.replace('\t', ''), 0, 20))
  .map(([status, reason]) => `HTTP/1.1 ${status} ${reason}\r\n`)

const chunk = fc
  .tuple(body, fc.constantFrom('', '0', '000'), fc.constantFrom('', ';a', ';a=b;c="d e"'), fc.boolean())
  .map(([data, zeros, extension, isUpper]) => {
    const size = zeros + data.length.toString(16)
    return data === '' ? '' : `${isUpper ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`
  })
const chunked = fc.tuple(fc.array(chunk, { maxLength: 8 }), fields).map(([chunks, trailers]) => ({
  line: 'Transfer-Encoding: chunked\r\n',
  sent: `${chunks.join('')}0\r\n${trailers}\r\n`,
}))
const withLength = body.map((data) => ({ line: `Content-Length: ${data.length}\r\n`, sent: data }))
const untilEnd = body.map((data) => ({ line: '', sent: data }))

/** Well-formed answers of every framing. */
export const answers: fc.Arbitrary<RandomAnswer> = fc
  .tuple(
    fc.array(informational, { maxLength: 2 }),
    start,
    fields,
    fc.oneof(withLength, chunked, untilEnd),
    fields,
    fc.boolean(),
  )
  .map(([before, line, first, framing, second, isHead]) => {
    const isBodiless = isHead || /^HTTP\/1\.1 (204|304)/.test(line)
    const head = `${before.join('')}${line}${first}${framing.line}${second}\r\n`
    return { text: isBodiless ? head : head + framing.sent, isHead }
  })
