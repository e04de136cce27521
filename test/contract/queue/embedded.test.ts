import { openEmbeddedFixture } from './embedded-fixture.ts'
import { jobQueueContract } from './suite.ts'

jobQueueContract('embedded', async () => openEmbeddedFixture())
