const INTERPOLATED = '#/definitions/interpolated'
const PATTERN = '|\\$\\{[A-Za-z_]'

/** The schema without the `${NAME}` alternatives: they are for editors, which see a file before it is filled in. */
export function stripInterpolation(node) {
  if (Array.isArray(node)) return node.map(stripInterpolation)
  if (typeof node !== 'object' || node === null) return node
  const result = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, stripInterpolation(value)]))
  if (typeof result.pattern === 'string') result.pattern = result.pattern.replace(PATTERN, '')
  if (Array.isArray(result.anyOf)) return withoutAlternative(result)
  return result
}

function withoutAlternative({ anyOf, ...rest }) {
  const left = anyOf.filter((alternative) => alternative.$ref !== INTERPOLATED)
  return left.length === 1 ? { ...left[0], ...rest } : { ...rest, anyOf: left }
}
