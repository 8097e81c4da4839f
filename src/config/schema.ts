import type { Path } from './path.js'

/** The schema as the sidecar itself needs it: to name faults, to fill defaults, to convert texts. */
export interface SchemaNode {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly defaultByHandler?: { readonly rpc: unknown; readonly proxy: unknown }
  /** What may stand here, in words; else it follows from the rest. */
  readonly allowed?: string
  readonly kind?: 'duration' | 'size'
  /** Holds values that JSON cannot: checked by hand. */
  readonly live?: 'registry' | 'broker' | 'balancer' | 'middleware' | 'plugins'
  /** The names that a slot knows by itself. */
  readonly names?: readonly string[]
  readonly available?: boolean
  /** Values whose feature comes later. */
  readonly unavailable?: readonly string[]
  readonly secret?: boolean
  /** Of a slot's option: the built-in names that take it. */
  readonly of?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  /** Of an object with free keys. */
  readonly values?: SchemaNode
  readonly items?: SchemaNode
}

/** The node below `node` for a key or an index; `undefined` where the schema knows none. */
export function child(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  if (node?.properties !== undefined && Object.hasOwn(node.properties, key)) return node.properties[key]
  return node?.values ?? node?.items
}

export function nodeAt(node: SchemaNode | undefined, path: Path): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((parent, key) => child(parent, key), node)
}

export function takes(node: SchemaNode | undefined, type: string): boolean {
  return node?.type === type || (Array.isArray(node?.type) && node.type.includes(type))
}
