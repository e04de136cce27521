import { expect, test } from 'vitest'
import { durationText } from './duration.ts'

test.each([
  { seconds: 12, text: '12 sec' },
  { seconds: 119, text: '119 sec' },
  { seconds: 120, text: '2 min' },
  { seconds: 7_199, text: '120 min' },
  { seconds: 7_200, text: '2 hr' },
  { seconds: 172_800, text: '2 days' },
  { seconds: 40_000_000, text: '463 days' },
])('$seconds seconds are $text', ({ seconds, text }) => {
  expect(durationText('en', seconds)).toBe(text)
})
