/** What a `#/…` reference names. */
export function resolve(root, reference) {
  return reference
    .slice(2)
    .split('/')
    .filter((part) => part !== '')
    .reduce((node, part) => node[part], root)
}

/** The node with its reference followed; what stands beside the reference stays. */
export function follow(root, node) {
  if (node.$ref === undefined || node.$ref === '#') return node
  const { $ref, ...beside } = node
  return { ...follow(root, resolve(root, $ref)), ...beside }
}
