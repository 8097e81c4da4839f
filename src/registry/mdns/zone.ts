import { isDnsName } from './dns-message.js'

/** The two domains of go-micro: 1.x and later, and 0.x. */
export const bothDomains: readonly string[] = ['micro', 'local']

/** The name under which go-micro lists the names of all services. */
export const listing = '_services'

/** `greeter.local`: whom to ask for a service's nodes. */
export function serviceName(service: string, domain: string): string {
  return `${service}.${domain}`
}

/** `greeter-1.greeter.local`: a node's own name. */
export function instanceName(id: string, service: string, domain: string): string {
  return `${id}.${service}.${domain}`
}

/** What stands before `.<service>.<domain>` of one of the domains. */
export function instanceId(name: string, service: string, domains: readonly string[]): string | undefined {
  const suffix = domains.map((domain) => `.${service}.${domain}`).find((each) => name.endsWith(each))
  return suffix === undefined || suffix.length === name.length ? undefined : name.slice(0, -suffix.length)
}

/** Whether a service can be asked for at all. */
export function isAskable(service: string, domains: readonly string[]): boolean {
  return service !== listing && domains.every((domain) => isDnsName(serviceName(service, domain)))
}
