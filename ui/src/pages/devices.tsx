import { Page } from '../parts/page.tsx'

export function DevicesPage() {
  return <Page title="devices">{null}</Page>
}
