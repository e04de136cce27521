import { Page } from '../parts/page.tsx'

export function QuarantinePage() {
  return <Page title="quarantine">{null}</Page>
}
