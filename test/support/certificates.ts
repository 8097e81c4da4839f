import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeAfterwards } from '../kit/sidecar.js'

export interface Certificates {
  /** Holds `server.pem` and `server.key`, for 127.0.0.1 alone; gone after the test. */
  readonly folder: string
  readonly ca: string
  /** An authority that signed nothing. */
  readonly otherCa: string
  /** A client's. */
  readonly cert: string
  readonly key: string
}

/** Files made for one test. */
export function certificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'micro-certificates-'))
  closeAfterwards(() => rmSync(folder, { recursive: true, force: true }))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  for (const name of ['ca', 'other']) {
    openssl(
      'req',
      '-x509',
      '-days',
      '2',
      ...key,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${name}`,
    )
  }
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n')
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing)
  }
  const at = (name: string) => join(folder, name)
  return { folder, ca: at('ca.pem'), otherCa: at('other.pem'), cert: at('client.pem'), key: at('client.key') }
}
