import { Page } from '../parts/page.tsx'

export function NewDevicePage() {
  return <Page title="new-device">{null}</Page>
}
