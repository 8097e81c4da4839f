import { stringOf, type Token } from './tokens.js'

/** Expressions that lead from one to the next before a literal stands there; more is a circle. */
const LONGEST = 40
const OPERATORS = new Set(['?', '&', '|', '+'])
const DECLARES = new Set(['const', 'let', 'var'])

/** Finds object and list literals in a source by the shape of its tokens. All numbers are indexes of tokens. */
export class Literals {
  readonly #tokens: readonly Token[]

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** Where the expression begins that the file exports. */
  exported(): number | undefined {
    if (this.#is(0, '{')) return 0
    const tokens = this.#tokens
    for (let at = 0; at < tokens.length; at++) {
      if (this.#are(at, 'export', 'default')) return at + 2
      if (this.#are(at, 'export', '=')) return at + 2
      if (this.#are(at, 'module', '.', 'exports', '=')) return at + 4
      if (this.#are(at, 'exports', '.', 'default', '=')) return at + 4
      if (this.#are(at + 1, 'as', 'default')) return at
    }
    return undefined
  }

  /** The `{` or `[` that the expression at `at` leads to: through brackets, calls, functions and declared names. */
  literal(at: number, steps = 0): number | undefined {
    const token = this.#tokens[at]
    if (token === undefined || steps > LONGEST) return undefined
    if (token.text === '{' || token.text === '[') return at
    if (token.text === '(') return this.#behindBracket(at, steps + 1)
    if (token.kind !== 'name') return undefined
    if (token.text === 'await' || token.text === 'async') return this.literal(at + 1, steps + 1)
    if (token.text === 'function') return this.#function(at, steps + 1)
    return this.#behindName(at, steps + 1)
  }

  /** The key and the value of an object literal's member; the last of that name, and spread objects after it. */
  member(object: number, key: string, steps = 0): { key: number; value: number } | undefined {
    const spread: number[] = []
    let found: { key: number; value: number } | undefined
    for (const at of this.elements(object)) {
      if (this.#is(at, '...')) spread.push(at + 1)
      const name = this.#keyAt(at)
      if (name !== undefined && this.#keyText(name) === key) {
        found = { key: name, value: this.#is(name + 1, ':') ? name + 2 : name }
      }
    }
    if (found !== undefined || steps > LONGEST) return found
    for (const at of spread.reverse()) {
      const literal = this.literal(at, steps + 1)
      const inside = literal !== undefined && this.#is(literal, '{') && this.member(literal, key, steps + 10)
      if (inside) return inside
    }
    return undefined
  }

  /** Where the members of an object literal, or the elements of a list, begin. */
  elements(open: number): number[] {
    const starts: number[] = []
    const end = Math.min(this.#close(open), this.#tokens.length)
    for (let at = open + 1; at < end; at++) {
      starts.push(at)
      while (at < end && !this.#is(at, ',')) at = this.#after(at)
    }
    return starts
  }

  #keyAt(at: number): number | undefined {
    const isModifier = this.#is(at, 'async') || this.#is(at, 'get') || this.#is(at, 'set') || this.#is(at, '*')
    const next = this.#tokens[at + 1]
    if (isModifier && (next?.kind === 'name' || next?.kind === 'string')) return at + 1
    if (this.#is(at, '[') && this.#close(at) === at + 2 && next?.kind === 'string') return at + 1
    return this.#tokens[at]?.kind === 'mark' ? undefined : at
  }

  #keyText(at: number): string {
    const token = this.#tokens[at]
    if (token === undefined) return ''
    return token.kind === 'string' ? stringOf(token) : token.text
  }

  #behindBracket(at: number, steps: number): number | undefined {
    const arrow = this.#arrow(this.#close(at) + 1)
    return arrow === undefined ? this.literal(at + 1, steps) : this.#body(arrow + 1, steps)
  }

  /** The `=>` at `at`, or behind a return type that begins there. */
  #arrow(at: number): number | undefined {
    if (this.#is(at, '=>')) return at
    if (!this.#is(at, ':')) return undefined
    for (let next = at + 1; next < this.#tokens.length; next = this.#after(next)) {
      if (this.#is(next, '=>')) return next
      if (this.#is(next, ',') || this.#is(next, ';') || this.#is(next, ')')) return undefined
    }
    return undefined
  }

  #function(at: number, steps: number): number | undefined {
    let next = at + 1
    while (next < this.#tokens.length && !this.#is(next, '(')) next++
    next = this.#close(next) + 1
    while (next < this.#tokens.length && !this.#is(next, '{')) next++
    return this.#body(next, steps)
  }

  /** A block's last `return` of its own, else the last of any block in it. */
  #body(at: number, steps: number): number | undefined {
    if (!this.#is(at, '{')) return this.literal(at, steps)
    const end = Math.min(this.#close(at), this.#tokens.length)
    let last: number | undefined
    for (let next = at + 1; next < end; next = this.#after(next)) if (this.#is(next, 'return')) last = next
    for (let next = end - 1; next > at && last === undefined; next--) if (this.#is(next, 'return')) last = next
    return last === undefined ? undefined : this.literal(last + 1, steps)
  }

  #behindName(at: number, steps: number): number | undefined {
    let next = at + 1
    if (this.#is(next, '=>')) return this.#body(next + 1, steps)
    while (this.#is(next, '.')) next += 2
    if (this.#is(next, '<')) next = this.#callBehindTypes(next)
    if (this.#is(next, '(')) return this.literal(next + 1, steps)
    if (OPERATORS.has(this.#tokens[next]?.text ?? '')) return undefined
    return next === at + 1 ? this.#declared(this.#tokens[at]?.text ?? '', steps) : undefined
  }

  #callBehindTypes(at: number): number {
    let depth = 0
    for (let next = at; next < this.#tokens.length; next = this.#after(next)) {
      if (this.#is(next, '<')) depth += 1
      if (this.#is(next, '>')) depth -= 1
      if (depth === 0) return next + 1
    }
    return this.#tokens.length
  }

  #declared(name: string, steps: number): number | undefined {
    for (let at = 0; at < this.#tokens.length; at++) {
      if (this.#are(at, 'function', name)) return this.#function(at, steps)
      if (!this.#is(at + 1, name) || !DECLARES.has(this.#tokens[at]?.text ?? '')) continue
      let next = at + 2
      while (next < this.#tokens.length && !this.#is(next, '=') && !this.#is(next, ';')) next = this.#after(next)
      return this.#is(next, '=') ? this.literal(next + 1, steps) : undefined
    }
    return undefined
  }

  /** Behind the token and what it opens. */
  #after(at: number): number {
    return Math.min(this.#close(at), this.#tokens.length) + 1
  }

  #close(at: number): number {
    return this.#tokens[at]?.close ?? this.#tokens.length
  }

  #is(at: number, text: string): boolean {
    return this.#tokens[at]?.text === text
  }

  #are(at: number, ...texts: readonly string[]): boolean {
    return texts.every((text, index) => this.#is(at + index, text))
  }
}
