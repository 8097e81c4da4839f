import type { Candidate } from '../balancer.js'

/** A node by chance, each as likely as its weight says. */
export function draw(candidates: readonly Candidate[], weighted: boolean): Candidate {
  if (!weighted) return candidates[Math.floor(Math.random() * candidates.length)] as Candidate
  return drawBut(candidates, undefined)
}

/** Two different nodes by chance where there are two. Calls `choose` with them: what is returned is that one's choice. */
export function drawTwo(
  candidates: readonly Candidate[],
  weighted: boolean,
  choose: (first: Candidate, second: Candidate) => Candidate,
): Candidate {
  const count = candidates.length
  if (weighted && count > 1) {
    const first = drawBut(candidates, undefined)
    return choose(first, drawBut(candidates, first))
  }
  const first = Math.floor(Math.random() * count)
  const second = (first + 1 + Math.floor(Math.random() * (count - 1))) % count
  return choose(candidates[first] as Candidate, candidates[second] as Candidate)
}

function drawBut(candidates: readonly Candidate[], excluded: Candidate | undefined): Candidate {
  let left = 0
  for (const candidate of candidates) if (candidate !== excluded) left += candidate.weight
  left *= Math.random()
  let last = candidates[0] as Candidate
  for (const candidate of candidates) {
    if (candidate === excluded) continue
    last = candidate
    left -= candidate.weight
    if (left < 0) break
  }
  return last
}
