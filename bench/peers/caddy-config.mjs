export const caddyConfig = (port, backendPort) => `
{
  admin off
  auto_https off
  log {
    output discard
  }
}

http://127.0.0.1:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${backendPort} {
    transport http {
      keepalive_idle_conns_per_host 256
    }
  }
}
`
