import type { Plugin } from './plugin.js'

/** Returns its argument: it is there for the editor and the compiler. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin
}
