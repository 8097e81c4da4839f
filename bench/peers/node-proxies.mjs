import { startProgram } from './program.mjs'

const proxy = (name) => (backend, options) =>
  startProgram(name, { args: [`http://127.0.0.1:${backend.port}`], ...options })

/** The bare Node server in the proxy's place: what a proxy is behind. */
export const direct = () => startProgram('backend')
export const httpProxy = proxy('http-proxy')
export const expressHttpProxy = proxy('express-http-proxy')
export const httpxy = proxy('httpxy')
