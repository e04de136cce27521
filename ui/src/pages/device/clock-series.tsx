import { Button, Center, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { clockQuery } from '../../api/resources.ts'
import type { ClockReadingJson, DeviceJson } from '../../api/types.ts'
import { Moment } from '../../parts/moment.tsx'
import { Empty, Read } from '../../parts/states.tsx'
import { exactText } from '../../texts/moments.ts'
import { useLanguage, useTexts } from '../../texts/texts.tsx'
import { driftLine } from './drift-line.ts'

/** How far the clock of the device was off each time that it was read. */
export function ClockSeries({ device, words: said }: { device: DeviceJson; words: string }) {
  const { clock: words } = useTexts().device
  const query = useQuery(clockQuery(device.id))
  return (
    <Read query={query} rows={6}>
      {readings =>
        readings.length === 0 ? (
          <Empty title={words.empty}>{words.emptyText}</Empty>
        ) : (
          <Stack gap="md" className="data">
            <Text className="said sentence">{said}</Text>
            <DriftChart readings={readings} />
            <Readings readings={readings} caption={words.caption(device.name)} />
          </Stack>
        )
      }
    </Read>
  )
}

const BOX = { width: 640, height: 150, margin: 12 }

function DriftChart({ readings }: { readings: readonly ClockReadingJson[] }) {
  const { language, texts } = useLanguage()
  const words = texts.device.clock
  const line = driftLine(readings, BOX)
  if (line === null) return null
  const date = (at: string) => exactText(language, Date.parse(at))
  const { leastS, mostS, zeroY, sets, points } = line
  const text = words.chart({
    from: date(line.from),
    until: date(line.until),
    least: words.drift(leastS),
    most: words.drift(mostS),
    sets: sets.length,
  })
  return (
    <figure style={{ margin: 0 }}>
      {/* Time runs as in the numbers of its axis, in each language. */}
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} className="drift" role="img" aria-label={text} direction="ltr">
        <line className="zero" x1="0" x2={BOX.width} y1={zeroY} y2={zeroY} />
        <polyline points={points} />
        {sets.map(({ key, x, y }) => (
          <circle key={key} cx={x} cy={y} r="5" />
        ))}
      </svg>
      <Text component="figcaption" size="sm" c="dimmed">
        {text}
      </Text>
    </figure>
  )
}

const SHOWN_FIRST = 25

function Readings({ readings, caption }: { readings: readonly ClockReadingJson[]; caption: string }) {
  const { device, shell } = useTexts()
  const words = device.clock
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? readings : readings.slice(0, SHOWN_FIRST)
  return (
    <div>
      <Table verticalSpacing={6} aria-label={caption}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.readAt}</Table.Th>
            <Table.Th visibleFrom="sm">{words.localTime}</Table.Th>
            <Table.Th>{words.driftTitle}</Table.Th>
            <Table.Th>{words.what}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map(reading => (
            <Table.Tr key={`${reading.read_at} ${reading.kind}`}>
              <Table.Td>
                <Moment at={reading.read_at} />
              </Table.Td>
              <Table.Td visibleFrom="sm" className="number">
                <bdi>{reading.local_time}</bdi>
              </Table.Td>
              <Table.Td className="number">{words.drift(reading.drift_s)}</Table.Td>
              <Table.Td>{words.kinds[reading.kind]}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {shown.length === readings.length ? null : (
        <Center py="xs">
          <Button variant="default" onClick={() => setWhole(true)}>
            {shell.more}
          </Button>
        </Center>
      )}
    </div>
  )
}
