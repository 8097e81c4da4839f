import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const src = join(root, 'src')

export interface SourceFile {
  /** `client/balancer.ts` */
  readonly name: string
  /** `client`; a file at the top is a room of its own: `errors`. */
  readonly room: string
  readonly text: string
  readonly tree: ts.SourceFile
}

export interface Import {
  readonly from: SourceFile
  readonly to: SourceFile
}

/** What people wrote under src/, without what is generated. */
export function sources(): SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(?:generated|d)\.ts$/.test(name))
    .map((name) => sourceFile(name.replaceAll(sep, '/'), readFileSync(join(src, name), 'utf8')))
}

export function sourceFile(name: string, text: string): SourceFile {
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  return { name, room: name.split('/')[0]?.replace(/\.ts$/, '') ?? '', text, tree }
}

/** Imports that are there at run time; types vanish. Also `import()`, unless `lazy` is false. */
export function valueImports(files: readonly SourceFile[], { lazy = true } = {}): Import[] {
  const byName = new Map(files.map((file) => [file.name, file]))
  return files.flatMap((from) =>
    specifiers(from.tree, lazy).flatMap((specifier) => {
      const to = byName.get(target(from.name, specifier))
      return to === undefined ? [] : [{ from, to }]
    }),
  )
}

export function everyNode(file: SourceFile, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node) => {
    visit(node)
    ts.forEachChild(node, walk)
  }
  walk(file.tree)
}

export function placeOf(file: SourceFile, node: ts.Node): string {
  return `${file.name}:${file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1}`
}

function specifiers(tree: ts.SourceFile, lazy: boolean): string[] {
  const found: string[] = []
  const walk = (node: ts.Node) => {
    if (ts.isImportDeclaration(node) && carriesValues(node.importClause)) add(node.moduleSpecifier)
    if (ts.isExportDeclaration(node) && !node.isTypeOnly && node.moduleSpecifier !== undefined) {
      const names =
        node.exportClause !== undefined && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : []
      if (names.length === 0 || names.some((name) => !name.isTypeOnly)) add(node.moduleSpecifier)
    }
    if (lazy && ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0])
    ts.forEachChild(node, walk)
  }
  const add = (node: ts.Node | undefined) => {
    if (node !== undefined && ts.isStringLiteral(node) && node.text.startsWith('.')) found.push(node.text)
  }
  walk(tree)
  return found
}

function carriesValues(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return true
  if (clause.isTypeOnly) return false
  if (clause.name !== undefined || clause.namedBindings === undefined) return true
  return ts.isNamespaceImport(clause.namedBindings) || clause.namedBindings.elements.some((name) => !name.isTypeOnly)
}

function target(from: string, specifier: string): string {
  const path = resolve(src, dirname(from), specifier.replace(/\.js$/, '.ts'))
  return relative(src, path).replaceAll(sep, '/')
}
