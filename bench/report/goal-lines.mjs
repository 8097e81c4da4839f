// The figures to reach, each with what was measured.
import { number } from './numbers.mjs'

const verdict = ({ missing, reached }) => (missing ? 'no value' : reached ? 'reached' : 'MISSED')

/** Without a verdict in a quick run. */
export function goalLines(goals, quick) {
  const lines = goals.map((goal) => {
    const first = quick ? '' : `${verdict(goal).padEnd(10)}`
    return `${first}${number(goal.value, digitsOf(goal)).padStart(8)}  ${limitOf(goal).padEnd(14)} ${wordsOf(goal)}`
  })
  return [quick ? 'The figures to reach; a quick run gives no verdict:' : 'The figures to reach:', ...lines]
}

export function goalTable(goals) {
  const head = ['| figure | to reach | measured | |', '| --- | ---: | ---: | --- |']
  const lines = goals.map((goal) => {
    return `| ${wordsOf(goal)} | ${limitOf(goal)} | ${number(goal.value, digitsOf(goal))} | ${verdict(goal)} |`
  })
  return [...head, ...lines]
}

const limitOf = ({ atLeast, atMost }) => (atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`)
const wordsOf = ({ what, beside }) => (beside === undefined ? what : `${what} (${beside})`)
const digitsOf = ({ value, atMost }) => (atMost === 0 || value >= 100 ? 0 : 2)
