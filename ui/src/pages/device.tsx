import { Page } from '../parts/page.tsx'

export function DevicePage() {
  return <Page title="device">{null}</Page>
}
