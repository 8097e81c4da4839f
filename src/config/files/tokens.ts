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
// Bounded, because a slash that begins none makes it look at the whole line.
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,100}\]){1,400}\/[a-z]*/y
const MARK = /=>|\.\.\.|[\s\S]/y
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)?/y
const BEFORE_VALUE = new Set(['return', 'typeof', 'case', 'in', 'of', 'void', 'delete', 'await', 'yield', 'default'])

/**
 * The tokens of a JavaScript, TypeScript or JSON text, comments left out. It never fails: what no language would
 * take becomes tokens all the same. A template's `${` is an opening bracket.
 */
export function tokensOf(source: string): readonly Token[] {
  return new Tokenizer(source).tokens()
}

class Tokenizer {
  readonly #source: string
  readonly #tokens: Token[] = []
  readonly #open: Token[] = []
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  tokens(): readonly Token[] {
    for (;;) {
      this.#take(SPACE)
      if (this.#at >= this.#source.length) return this.#tokens
      const token = this.#read()
      if (token.text === '`') this.#readTemplate()
      else if (token.kind === 'mark') this.#bracket(token)
    }
  }

  #read(): Token {
    const start = this.#at
    const string = this.#take(STRING)
    if (string !== '') return this.#add('string', string, start)
    const name = this.#take(NAME)
    if (name !== '') return this.#add('name', name, start)
    const number = this.#take(NUMBER)
    if (number !== '') return this.#add('number', number, start)
    const regex = beginsValue(this.#tokens.at(-1)) ? this.#take(REGEX) : ''
    return regex === '' ? this.#add('mark', this.#take(MARK), start) : this.#add('regex', regex, start)
  }

  #readTemplate(): void {
    const start = this.#at
    const token = this.#add('template', this.#take(TEMPLATE), start)
    if (token.text.endsWith('${')) this.#openBracket(token)
  }

  #bracket(token: Token): void {
    if (token.text === '{' || token.text === '[' || token.text === '(') this.#openBracket(token)
    if (token.text !== '}' && token.text !== ']' && token.text !== ')') return
    const opening = this.#open.pop()
    if (opening === undefined) return
    opening.close = token.close
    if (token.text === '}' && opening.kind === 'template') this.#readTemplate()
  }

  #openBracket(token: Token): void {
    token.close = Number.POSITIVE_INFINITY
    this.#open.push(token)
  }

  #add(kind: Token['kind'], text: string, start: number): Token {
    const token = { kind, text, start, close: this.#tokens.length }
    this.#tokens.push(token)
    return token
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#source)?.[0] ?? ''
    this.#at += text.length
    return text
  }
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
