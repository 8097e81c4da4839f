import { get } from 'node:http'

const patience = 300

/** Whether a Consul agent answers there, asked once. */
export function consulAnswers(port = 8500, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: '/v1/status/leader', agent: false, timeout: patience }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200 && answer.headers['content-type'] === 'application/json')
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
    // A whole answer may trickle in longer than any one silence.
    const timer = setTimeout(() => request.destroy(), patience)
    request.on('close', () => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}
