// The usual gateway in JavaScript: http-proxy as a middleware of Express.
import { Agent, createServer } from 'node:http'
import express from 'express'
import httpProxy from 'http-proxy'
import { listen } from './listen.mjs'

const proxy = httpProxy.createProxyServer({
  target: process.argv[3],
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  xfwd: true,
})
proxy.on('error', (_error, _request, response) => response.destroy())

const app = express()
app.use((request, response) => proxy.web(request, response))
listen(createServer({ keepAliveTimeout: 60_000 }, app))
