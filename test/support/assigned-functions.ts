import ts from 'typescript'
import { everyNode, placeOf, type SourceFile } from './source.js'

interface AssignedFunction {
  /** `client/call-run.ts: this.#done` */
  readonly what: string
  readonly place: string
}

const assignments: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
])

/** Function literals that are assigned to a property. Initial values of class fields are none: V8 makes those young. */
export function assignedFunctions(file: SourceFile): AssignedFunction[] {
  const found: AssignedFunction[] = []
  everyNode(file, (node) => {
    if (!ts.isBinaryExpression(node) || !assignments.has(node.operatorToken.kind)) return
    const { left, right } = node
    if (!ts.isPropertyAccessExpression(left) && !ts.isElementAccessExpression(left)) return
    if (!isFunction(right)) return
    found.push({ what: `${file.name}: ${left.getText(file.tree)}`, place: placeOf(file, node) })
  })
  return found
}

function isFunction(expression: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(expression)) return isFunction(expression.expression)
  return ts.isArrowFunction(expression) || ts.isFunctionExpression(expression)
}
