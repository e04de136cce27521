import type { SyncRunJson } from '../../api/types.ts'
import { exactText, numberText } from '../../texts/moments.ts'
import { useLanguage } from '../../texts/texts.tsx'

/** The run that brought a punch, and how it proved that it had read everything. */
export function useRunFacts(): (run: SyncRunJson) => readonly { name: string; value: string }[] {
  const { language, texts } = useLanguage()
  const words = texts.attendance.explanation
  const number = (value: number | null) => (value === null ? texts.shell.unknown : numberText(language, value))
  const proofOf = ({ count_proof: proof, records_on_device: onDevice, counter_before, counter_after }: SyncRunJson) =>
    proof === null
      ? words.noProof
      : words.proofs[proof](number(onDevice), number(counter_before), number(counter_after))
  return run => [
    { name: words.run, value: words.runOf(String(run.id)) },
    { name: words.runStarted, value: exactText(language, Date.parse(run.started_at)) },
    {
      name: words.runCounts,
      value: words.counts(number(run.received), number(run.inserted), number(run.duplicates)),
    },
    { name: words.proof, value: proofOf(run) },
  ]
}
