import { Link, type LinkProps } from '@tanstack/react-router'
import type { OverviewJson } from '../../api/types.ts'
import { type DeviceState, TONES, type Tone } from '../../parts/state-pill.tsx'
import { numberText } from '../../texts/moments.ts'
import { useLanguage } from '../../texts/texts.tsx'

const STATES: readonly DeviceState[] = ['online', 'late', 'down', 'new', 'paused']

/** Each number leads to what it counts. */
export function CountTiles({ overview: { devices, quarantined, jobs } }: { overview: OverviewJson }) {
  const { overview, shell } = useLanguage().texts
  return (
    <nav className="tiles" aria-label={overview.counts}>
      {STATES.map(state => (
        <Tile
          key={state}
          to="/devices"
          search={{ state }}
          count={devices[state]}
          tone={TONES[state]}
          label={shell.states[state]}
        />
      ))}
      <Tile to="/quarantine" count={quarantined} tone="warn" label={overview.quarantined} />
      {jobs === null ? (
        <Tile to="/queue" count={null} tone="warn" label={overview.queueAway} />
      ) : (
        <Tile to="/queue" search={{ state: 'failed' }} count={jobs.failed} tone="bad" label={overview.failedJobs} />
      )}
    </nav>
  )
}

/** A count of null is not known now. */
function Tile({
  count,
  tone,
  label,
  ...link
}: { count: number | null; tone: Tone; label: string } & Pick<LinkProps, 'to' | 'search'>) {
  const { language } = useLanguage()
  return (
    <Link {...link} className="tile surface data" data-tone={tone} data-count={count === 0 ? 'none' : 'some'}>
      <span className="tile-count number">{numberText(language, count)}</span>
      <span className="pill">
        <span className="dot" aria-hidden="true" />
        {label}
      </span>
    </Link>
  )
}
