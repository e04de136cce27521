import { Group, Stack, Text } from '@mantine/core'
import type { CoverageJson } from '../../api/types.ts'
import { useNow } from '../../parts/moment.tsx'
import { Pill } from '../../parts/state-pill.tsx'
import { Empty } from '../../parts/states.tsx'
import { exactText } from '../../texts/moments.ts'
import { useLanguage, useTexts } from '../../texts/texts.tsx'
import { barOf, gapCount, lengthMs, type Stretch } from './stretch-bar.ts'

/** For which time every punch of the device is stored for certain: as a bar, and in words. */
export function CoverageView({ coverage }: { coverage: CoverageJson }) {
  const { coverage: words } = useTexts().device
  const { stretches, standing } = coverage
  if (stretches.length === 0) return <Empty title={words.empty}>{words.emptyText}</Empty>
  return (
    <Stack gap="md" className="data">
      <Text className="said">{standing}</Text>
      <Bar stretches={stretches} />
      <ul className="stretch-list" aria-label={words.list}>
        {stretches.toReversed().map(stretch => (
          <StretchInWords key={`${stretch.kind} ${stretch.from}`} stretch={stretch} />
        ))}
      </ul>
    </Stack>
  )
}

function Bar({ stretches }: { stretches: readonly Stretch[] }) {
  const { language, texts } = useLanguage()
  const words = texts.device.coverage
  const now = useNow()
  const gaps = gapCount(stretches)
  const [first] = stretches
  const last = stretches.at(-1)
  return (
    <div>
      <div className="stretch-bar" role="img" aria-label={words.bar(stretches.length - gaps, gaps)}>
        {barOf(stretches, now).map(({ key, kind, percent }) => (
          <span key={key} className="stretch" data-kind={kind} style={{ inlineSize: `${percent}%` }} />
        ))}
      </div>
      <Group justify="space-between" mt={4}>
        <Text size="xs" c="dimmed">
          {first === undefined ? null : exactText(language, Date.parse(first.from))}
        </Text>
        <Text size="xs" c="dimmed">
          {last?.until ? exactText(language, Date.parse(last.until)) : words.now}
        </Text>
      </Group>
      {gaps === 0 ? null : (
        <Text size="xs" c="dimmed">
          {words.hatched}
        </Text>
      )}
    </div>
  )
}

function StretchInWords({ stretch }: { stretch: Stretch }) {
  const { language, texts } = useLanguage()
  const words = texts.device.coverage
  const now = useNow()
  const { kind, from, until, why, missing } = stretch
  const end = until === null ? words.now : exactText(language, Date.parse(until))
  return (
    <li>
      <Group gap="sm" align="baseline">
        <Pill tone={kind === 'gap' ? 'warn' : 'ok'}>{words.kinds[kind]}</Pill>
        <Text size="sm" className="number">
          {words.span(exactText(language, Date.parse(from)), end)}
        </Text>
        <Text size="sm" c="dimmed" className="number">
          {words.length(lengthMs(stretch, now))}
        </Text>
      </Group>
      {why === null ? null : (
        <Text size="sm" className="said">
          {words.why}: {why}
        </Text>
      )}
      {missing === null ? null : (
        <Text size="sm" className="said">
          {words.missing}: {missing}
        </Text>
      )}
    </li>
  )
}
