import { openMysqlStore } from '../../../src/store/mysql/open-mysql-store.ts'
import { storeContractOnServer } from './on-server.ts'

storeContractOnServer('MariaDB', openMysqlStore)
