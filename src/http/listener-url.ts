/** Where this machine's own processes reach a bound address: `[::]:8081` listens, but is no place to call. */
export function listenerUrl(address: string): string {
  if (address.startsWith('unix:')) return address
  const port = address.slice(address.lastIndexOf(':') + 1)
  const host = address.slice(0, address.lastIndexOf(':'))
  return `http://${host === '[::]' || host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
}
