import type { ListenOptions } from 'node:net'

/** `127.0.0.1:8081`, `:8081` (every interface), `[::1]:8081`, `localhost:0`, `unix:/path`. `undefined` for anything else. */
export function listenOptions(address: string): ListenOptions | undefined {
  if (address.startsWith('unix:')) return address.length > 5 ? { path: address.slice(5) } : undefined
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(address)
  if (match === null) return undefined
  const port = Number(match[3])
  const host = match[1] ?? match[2]
  if (port > 65535) return undefined
  return host === undefined || host === '' ? { port } : { port, host }
}

/** `host:port` with brackets around IPv6. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** 127.0.0.0/8, ::1 and their mapped forms. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address)
}
