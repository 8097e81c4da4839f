// Sums what the test runs have reported. A step that broke counts as a failure where no test has said so.
import { readFileSync } from 'node:fs'

const [broken, ...reports] = process.argv.slice(2)
let passed = 0
let failed = 0
for (const path of reports) {
  const report = read(path)
  passed += report.numPassedTests
  failed += report.numFailedTests
}
failed = Math.max(failed, Number(broken))
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 1 }
  }
}
