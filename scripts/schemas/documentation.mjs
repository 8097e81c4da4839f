import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { follow } from './references.mjs'

const BEGIN = (name) => `<!-- ${name}: made by npm run schemas -->`
const END = (name) => `<!-- end of ${name} -->`

/** The page with its tables made anew; what stands around them is written by hand. */
export async function documentation(schema, page) {
  const rows = rowsOf(schema, schema, [])
  const sections = {
    keys: table(['Key', 'What', 'Default'], rows.filter((row) => row.isAvailable).map(keyRow)),
    later: table(
      ['Key', 'What'],
      rows.filter((row) => !row.isAvailable).map((row) => keyRow(row).slice(0, 2)),
    ),
    flags: table(
      ['Flag', 'Variables', 'Key', 'What'],
      (await flags()).map((flag) => flagRow(schema, flag)),
    ),
  }
  return Object.entries(sections).reduce((text, [name, section]) => replaced(text, name, section), page)
}

function replaced(page, name, section) {
  const [begin, end] = [page.indexOf(BEGIN(name)), page.indexOf(END(name))]
  if (begin === -1 || end === -1) throw new Error(`docs/configuration.md has no place for ${name}`)
  return `${page.slice(0, begin)}${BEGIN(name)}\n\n${section}\n\n${page.slice(end)}`
}

/** A row for each key that holds a value, and one for each value whose feature comes later. */
function rowsOf(schema, parent, path, isLater = false) {
  return Object.entries(parent.properties ?? {}).flatMap(([key, reference]) => {
    const node = follow(schema, reference)
    const place = [...path, key]
    if (key === '$schema') return []
    const isAvailable = !isLater && node['x-available'] !== false
    const object = [node, ...(node.anyOf ?? []).map((each) => follow(schema, each))].find((each) => each.properties)
    const inside = object === undefined ? [] : rowsOf(schema, object, place, !isAvailable)
    const values = (node['x-unavailable'] ?? []).map((value) => laterValue(place, value))
    const isGroup = object === node && isAvailable && node['x-live'] === undefined
    const isSlotName = parent['x-live'] !== undefined && key === 'name'
    return [...(isGroup || isSlotName ? [] : [row(place, node, isAvailable)]), ...values, ...inside]
  })
}

function laterValue(path, value) {
  return row(path, { description: `The value '${value}'.` }, false)
}

function row(path, node, isAvailable) {
  return { path, node, isAvailable }
}

function keyRow({ path, node }) {
  const [what, standard = ''] = node.description.split(/ Default: (.*)\.$/)
  return [`\`${path.join('.')}\``, what, standard === '' ? '' : `\`${standard.replaceAll("' or '", "'` or `'")}\``]
}

async function flags() {
  const jiti = createJiti(import.meta.url, { fsCache: false })
  const { FLAGS } = await jiti.import(fileURLToPath(new URL('../../src/config/flags.ts', import.meta.url)))
  return FLAGS
}

function flagRow(schema, { name, argument, env, path, description, isLater, nothing }) {
  const variables = env.map((variable) => `\`${variable}\``).join(', ')
  const isThere = (!isLater || nothing !== undefined) && (path === undefined || isAvailable(schema, schema, path))
  const what = isThere ? description : `Not available in this version. ${description}`
  return [`\`--${name}${argument && `=${argument}`}\``, variables, path ? `\`${path.join('.')}\`` : '', what]
}

function isAvailable(schema, parent, [key, ...rest]) {
  const node = follow(schema, parent.properties[key])
  return node['x-available'] !== false && (rest.length === 0 || isAvailable(schema, node, rest))
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
