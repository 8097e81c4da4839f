export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'template' | 'regex' | 'mark'
  readonly text: string
  readonly start: number
  /** Of an opening bracket, the index of the token that closes it, Infinity where none does; else its own. */
  close: number
}

const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/y
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?/y
const NUMBER = /\.?\d[\w.]*/y
const NAME = /[\p{ID_Start}$_#@][\p{ID_Continue}$]*/uy
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const MARK = /=>|\.\.\.|[\s\S]/y
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)?/y
const BEFORE_VALUE = new Set(['return', 'typeof', 'case', 'in', 'of', 'void', 'delete', 'await', 'yield', 'default'])

/**
 * The tokens of a JavaScript, TypeScript or JSON text, comments left out. It never fails: what no language would
 * take becomes tokens all the same. A template's `${` is an opening bracket.
 */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = []
  const open: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0] ?? ''
    at += text.length
    return text
  }
  const add = (kind: Token['kind'], start: number, text: string) => {
    tokens.push({ kind, text, start, close: tokens.length })
  }
  const readTemplate = () => {
    const start = at
    const text = take(TEMPLATE)
    add('template', start, text)
    if (text.endsWith('${')) bracket('${')
  }
  const bracket = (text: string) => {
    const token = tokens.at(-1)
    if (token === undefined) return
    if (text === '{' || text === '[' || text === '(' || text === '${') {
      token.close = Number.POSITIVE_INFINITY
      open.push(token)
    }
    if (text !== '}' && text !== ']' && text !== ')') return
    const opening = open.pop()
    if (opening === undefined) return
    opening.close = tokens.length - 1
    if (text === '}' && opening.kind === 'template') readTemplate()
  }
  while (at < source.length) {
    take(SPACE)
    const start = at
    if (start >= source.length) break
    const next = read(take, tokens.at(-1))
    add(next.kind, start, next.text)
    if (next.text === '`') readTemplate()
    else if (next.kind === 'mark') bracket(next.text)
  }
  return tokens
}

function read(take: (pattern: RegExp) => string, last: Token | undefined): Pick<Token, 'kind' | 'text'> {
  const string = take(STRING)
  if (string !== '') return { kind: 'string', text: string }
  const name = take(NAME)
  if (name !== '') return { kind: 'name', text: name }
  const number = take(NUMBER)
  if (number !== '') return { kind: 'number', text: number }
  const regex = beginsValue(last) ? take(REGEX) : ''
  return regex === '' ? { kind: 'mark', text: take(MARK) } : { kind: 'regex', text: regex }
}

/** Whether a slash behind this token begins a regular expression; behind a value it divides. */
function beginsValue(last: Token | undefined): boolean {
  if (last === undefined) return true
  if (last.kind === 'mark') return last.text !== ')' && last.text !== ']' && last.text !== '}'
  return last.kind === 'name' && BEFORE_VALUE.has(last.text)
}

/** The text that a string token stands for; escapes are left as they are. */
export function stringOf(token: Token): string {
  return token.text.slice(1, -1)
}
