import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

function faultsIn(file: string): string[] {
  const { config } = ts.readConfigFile(path('../../tsconfig.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, path('../..'))
  const program = ts.createProgram([file], { ...options, noEmit: true })
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ start, file: source, messageText }) => {
    const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start ?? 0).line + 1
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

test('the compiler takes right configurations and refuses wrong keys, values and profiles', () => {
  expect(faultsIn(path('./types.test-d.ts'))).toEqual([])
}, 60_000)
