import { printable } from './terminal.js'

/** One line for a start that failed: what, where, and what to do about it. */
export function failureLine(error: unknown, address: string): string {
  return `micro-sidecar: ${printable(explain(error, address))}\n`
}

function explain(error: unknown, address: string): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  const syscall = 'syscall' in error ? error.syscall : undefined
  if (syscall === 'listen' || syscall === 'bind') {
    if (code === 'EADDRINUSE')
      return `${address} is in use by another process: stop it, or listen elsewhere with ${another(address)}`
    if (code === 'EACCES') return `not permitted to listen on ${address}: ${permission(address)}`
    if (code === 'EADDRNOTAVAIL')
      return `this machine does not have the address ${address}: listen on one that it has, ${ownAddresses(address)}`
  }
  return chain(error)
}

function another(address: string): string {
  if (address.startsWith('unix:')) return `--address=${address}.2`
  const [, host = '', port = '8081'] = /^(.*):(\d+)$/.exec(address) ?? []
  const next = Number(port) < 65535 ? Number(port) + 1 : 8081
  return `--address=${host}:${next} (port 0 takes any free one)`
}

function ownAddresses(address: string): string {
  const port = /:\d+$/.exec(address)?.[0] ?? ''
  return `--address=127.0.0.1${port} for this machine alone or --address=${port} for every interface`
}

function permission(address: string): string {
  if (address.startsWith('unix:')) return 'its folder does not let this user create a socket'
  return `ports below 1024 want a privilege that this user has not; listen elsewhere, for example with --address=${address.replace(/:\d+$/, ':8081')}`
}

function chain(error: Error): string {
  const messages: string[] = []
  for (let cause: unknown = error; cause instanceof Error && messages.length < 4; cause = cause.cause) {
    if (cause.message !== '' && !messages.some((message) => message.includes(cause.message)))
      messages.push(cause.message)
  }
  return messages.join(': ') || error.name
}
