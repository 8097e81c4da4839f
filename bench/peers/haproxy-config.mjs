export const haproxyConfig = (port, backendPort) => `
global
  nbthread 1
  maxconn 8192

defaults
  mode http
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 60s

frontend callers
  bind 127.0.0.1:${port}
  default_backend nodes

backend nodes
  server node 127.0.0.1:${backendPort} pool-max-conn 256
`
