import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts'
import { storeContractOnServer } from './on-server.ts'

storeContractOnServer('PostgreSQL', openPostgresStore)
